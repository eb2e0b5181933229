import type { RunAddress } from '@grm/protocol';

/** Nobody draws for the run: no sampler lives, as far as NATS can tell. */
export class NoSamplerError extends Error {
  override readonly name = 'NoSamplerError';
  /** Tasks that wait. */
  readonly waiting: number;

  constructor({ namespace, run }: RunAddress, { waiting, silentMs }: { readonly waiting: number; readonly silentMs: number }) {
    super(
      `no sampler of run ${namespace}/${run} has been heard of for ${Math.round(silentMs / 1e3)} s, while ${waiting} tasks wait: ` +
        `see why the run's samplers do not run, or set spec.rollouts.replicas to 0, and the trainer draws by itself`,
    );
    this.waiting = waiting;
  }
}
