import type { GrmError } from '@grm/protocol';

/** A sampler says that a task cannot be drawn; `cause` has its error. */
export class RolloutFailedError extends Error {
  override readonly name = 'RolloutFailedError';
  readonly taskId: string;

  constructor(taskId: string, cause: GrmError) {
    super(`samplers cannot draw task ${taskId} (${cause.code}): ${cause.message}`, { cause });
    this.taskId = taskId;
  }
}
