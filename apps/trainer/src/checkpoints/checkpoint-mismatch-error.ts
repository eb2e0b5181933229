/** A checkpoint of this very run holds another model than the one that its stage starts from: the model has been changed in its place. */
export class CheckpointMismatchError extends Error {
  override readonly name = 'CheckpointMismatchError';
  readonly checkpoint: string;

  /** @param found what the checkpoint holds, `expected` what the stage starts from, both for people */
  constructor(checkpoint: string, found: string, expected: string) {
    super(
      `checkpoint ${checkpoint} holds a model with ${found}, the stage starts from one with ${expected}; put back the model that the run was started with, or remove the run's checkpoints to start the stage anew`,
    );
    this.checkpoint = checkpoint;
  }
}
