/** A loss or gradient that is no number any more. The weights from before that step, and the checkpoints, have been kept. */
export class StageDivergedError extends Error {
  override readonly name = 'StageDivergedError';
  readonly stage: string;
  /** One-based. */
  readonly step: number;

  constructor({ stage, step, rows }: { readonly stage: string; readonly step: number; readonly rows?: string }, options: { readonly cause: Error }) {
    const batch = rows === undefined ? '' : `; its batch: ${rows}`;
    super(`${stage} diverged at step ${step}: ${options.cause.message}. The last checkpoint is kept; lower the learning rate, or look at the data${batch}`, options);
    this.stage = stage;
    this.step = step;
  }
}
