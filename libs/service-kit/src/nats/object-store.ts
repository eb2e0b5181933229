import { jetstream } from '@nats-io/jetstream';
import { Objm, setSha256Backend } from '@nats-io/obj';
import type { NatsConnection } from '@nats-io/transport-node';

/** Bytes in one message, each of which is acknowledged; the server's default `max_payload` holds one. */
export const chunkBytes = 512 * 1024;

/** For one answer of the server, ms. */
const timeoutMs = 10_000;

/** Object stores as this project uses them: by users who may not ask about the account, and with the digests of the machine's own code. */
export function objectStores(connection: NatsConnection): Objm {
  // The client's own is JavaScript, at a tenth of the speed; the choice is the process's.
  setSha256Backend('native');
  return new Objm(jetstream(connection, { checkAPI: false, timeout: timeoutMs }));
}
