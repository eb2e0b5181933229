import { connect, type ConnectionOptions, type NatsConnection } from '@nats-io/transport-node';

/**
 * Connects, or fails at the deadline: the client itself goes on for ever where a server takes the connection and ends it at once, which is what one does that
 * asks for a client certificate and gets none (TLS 1.3 tells after the handshake).
 */
export async function connectBefore(deadline: number, options: ConnectionOptions): Promise<NatsConnection> {
  const connecting = connect(options);
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error('it takes the connection and ends it; one that asks for a client certificate does so (GRM_NATS_CERTIFICATE, GRM_NATS_KEY)')), Math.max(0, deadline - Date.now()) + GRACE_MS);
  try {
    return await Promise.race([connecting, late.promise]);
  } catch (error) {
    void connecting.then((connection) => connection.close(), () => undefined);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** A server that does not answer is told of by the client itself, in its own words. */
const GRACE_MS = 5_500;
