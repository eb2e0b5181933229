import type { NatsConnection } from '@nats-io/transport-node';

/** The operator's one connection to NATS. It outlives servers: the operator works without NATS, and says so where it matters. */
export interface NatsLink {
  /** The connection while it is up; undefined before the first one, and while it is down. */
  readonly connection: NatsConnection | undefined;
}
