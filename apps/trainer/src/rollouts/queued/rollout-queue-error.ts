/** The run's work queue on NATS is not there, or does not answer. */
export class RolloutQueueError extends Error {
  override readonly name = 'RolloutQueueError';
  readonly stream: string;

  constructor(stream: string, problem: string, options?: ErrorOptions) {
    super(`work queue ${stream}: ${problem}`, options);
    this.stream = stream;
  }
}
