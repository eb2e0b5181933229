/** A task has had all the time that it may take, and nobody has answered it. */
export class RolloutOverdueError extends Error {
  override readonly name = 'RolloutOverdueError';
  readonly taskId: string;

  constructor(taskId: string, problem: string) {
    super(`task ${taskId} has no answer ${problem}; draw fewer judgements in one request, or see the samplers' logs`);
    this.taskId = taskId;
  }
}
