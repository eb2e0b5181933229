/** A request, as a task, is above what the NATS server takes. */
export class RolloutTooLargeError extends Error {
  override readonly name = 'RolloutTooLargeError';
  /** Bytes. */
  readonly size: number;
  readonly limit: number;

  constructor(size: number, limit: number) {
    super(`a task of ${size} bytes is above the NATS server's max_payload of ${limit}; put fewer items into one request, or raise the limit`);
    this.size = size;
    this.limit = limit;
  }
}
