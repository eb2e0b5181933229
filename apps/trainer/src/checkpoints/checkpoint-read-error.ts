/** It cannot be known which checkpoints there are, or what one holds: the folder or store cannot be read. Not for one that is damaged. */
export class CheckpointReadError extends Error {
  override readonly name = 'CheckpointReadError';
  /** File, folder or bucket. */
  readonly place: string;

  constructor(place: string, problem: string, remedy: string, options?: ErrorOptions) {
    super(`${place}: ${problem}; ${remedy}`, options);
    this.place = place;
  }
}
