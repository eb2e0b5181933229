/** The policy strayed too far from its reference, again after it was taken back. */
export class KlBreachError extends Error {
  override readonly name = 'KlBreachError';
  /** Nats per token of the last steps, newest last. */
  readonly recent: readonly number[];

  constructor({ step, limit, rollbacks, recent }: { readonly step: number; readonly limit: number; readonly rollbacks: number; readonly recent: readonly number[] }) {
    const before = rollbacks === 0 ? '' : `, after ${rollbacks === 1 ? 'one roll-back' : `${rollbacks} roll-backs`} with the learning rate halved`;
    super(
      `grpo: KL to the reference was above ${limit} nats a token again at step ${step}${before}; last steps: ${recent.map((kl) => kl.toFixed(3)).join(', ')}. ` +
        'Lower learningRate, raise klCoefficient, or raise klGuard.limit if this is wanted',
    );
    this.recent = recent;
  }
}
