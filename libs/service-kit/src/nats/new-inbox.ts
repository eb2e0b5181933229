import { createInbox, type NatsConnection } from '@nats-io/transport-node';

/** A subject of nobody else's, among those on which the connection's user may be answered. */
export function newInbox(connection: NatsConnection): string {
  return createInbox(inboxPrefix(connection));
}

/** The client's own parts read the prefix there; its interface does not tell. */
function inboxPrefix(connection: NatsConnection): string | undefined {
  if (!('options' in connection)) return undefined;
  const { options } = connection;
  if (typeof options !== 'object' || options === null || !('inboxPrefix' in options)) return undefined;
  return typeof options.inboxPrefix === 'string' ? options.inboxPrefix : undefined;
}
