/** A checkpoint could not be written, or an old one not be taken away: the disk or store is full, broken or gone. Nothing is there in parts. */
export class CheckpointWriteError extends Error {
  override readonly name = 'CheckpointWriteError';
  /** File, folder or bucket. */
  readonly place: string;

  constructor(place: string, problem: string, remedy: string, options?: ErrorOptions) {
    super(`${place}: ${problem}; ${remedy}`, options);
    this.place = place;
  }
}
