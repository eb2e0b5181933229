/** There is no connection to NATS just now. It is opened again by itself, so the same call may do later. */
export class NatsUnavailableError extends Error {
  override readonly name = 'NatsUnavailableError';

  constructor(what: string) {
    super(`${what}: NATS is away; check that nats-server runs, and the operator's NATS address and credentials`);
  }
}
