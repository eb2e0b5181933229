import { readFile } from 'node:fs/promises';
import { CredentialsError } from '@grm/protocol';
import type { ConnectionOptions, NatsConnection } from '@nats-io/transport-node';
import { authenticationOf } from './authentication.ts';
import { checkServerVersion } from './check-server-version.ts';
import { connectBefore } from './connect-before.ts';
import { explainNatsError } from './explain-nats-error.ts';
import { isRefusal, NatsRefusedError } from './nats-refused-error.ts';
import type { NatsServers } from './nats-servers.ts';

export interface NatsOptions extends NatsServers {
  /** Shown by the server's monitoring. */
  readonly name: string;
  /** How long the first connection may take, ms; a server that starts a moment later is waited for. */
  readonly timeoutMs?: number;
  /** Told what the server reports for as long as the connection is open: above all what the user may not do. */
  readonly onError?: (error: Error) => void;
}

/**
 * Connects for good: once up, the client reconnects for ever, with jitter so that a restarted server is not stampeded.
 * @throws Error when no server answers within the time; NatsRefusedError at once when one knows no such user; CredentialsError;
 * UnsupportedNatsServerError when it is older than 2.11.
 */
export async function connectNats(options: NatsOptions): Promise<NatsConnection> {
  const { servers, timeoutMs = 30_000 } = options;
  const deadline = Date.now() + timeoutMs;
  const connecting = await connectionOptions(options);
  let connection: NatsConnection | undefined;
  while (connection === undefined) {
    try {
      connection = await connectBefore(deadline, connecting);
    } catch (cause) {
      const shown = servers.map((server) => server.replace(/[^/@]*@/, '')).join(', ');
      if (isRefusal(cause)) throw new NatsRefusedError(shown, options.credentials, { cause });
      if (Date.now() >= deadline) throw new Error(`No NATS server answered at ${shown} within ${timeoutMs} ms (${cause instanceof Error ? cause.message : String(cause)}); check GRM_NATS_URL and that the server runs`, { cause });
      await new Promise((resolve) => setTimeout(resolve, 100 + Math.random() * 200));
    }
  }
  try {
    checkServerVersion(connection);
  } catch (error) {
    await connection.close();
    throw error;
  }
  if (options.onError !== undefined) void report(connection, options, options.onError);
  return connection;
}

async function report(connection: NatsConnection, { credentials }: NatsServers, onError: (error: Error) => void): Promise<void> {
  for await (const status of connection.status()) {
    if (status.type === 'error') onError(explainNatsError(status.error, { server: connection.getServer(), credentials }));
  }
}

async function connectionOptions({ servers, name, credentials, certificateAuthority, clientCertificate, inboxPrefix }: NatsOptions): Promise<ConnectionOptions> {
  const authentication = credentials === undefined ? undefined : authenticationOf(credentials);
  const prefix = inboxPrefix ?? authentication?.inboxPrefix;
  if (certificateAuthority !== undefined) await checkReadable(certificateAuthority, 'the certificate authority', 'GRM_NATS_CA');
  if (clientCertificate !== undefined) {
    await checkReadable(clientCertificate.certificate, 'the client certificate', 'GRM_NATS_CERTIFICATE');
    await checkReadable(clientCertificate.key, 'the key of the client certificate', 'GRM_NATS_KEY');
  }
  const tls = {
    ...(certificateAuthority === undefined ? {} : { caFile: certificateAuthority }),
    ...(clientCertificate === undefined ? {} : { certFile: clientCertificate.certificate, keyFile: clientCertificate.key }),
  };
  return {
    servers: [...servers],
    name,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    reconnectJitter: 500,
    timeout: 5_000,
    pingInterval: 20_000,
    // Credentials that have expired are replaced in their file sooner or later.
    ignoreAuthErrorAbort: true,
    ...(authentication === undefined ? {} : { authenticator: authentication.authenticator }),
    ...(prefix === undefined ? {} : { inboxPrefix: prefix }),
    ...(Object.keys(tls).length === 0 ? {} : { tls }),
  };
}

/** The client would take a file that is not there for a server that does not answer. */
async function checkReadable(file: string, what: string, variable: string): Promise<void> {
  await readFile(file).catch((cause: unknown) => {
    throw new CredentialsError(file, `${what} cannot be read (${cause instanceof Error ? cause.message : String(cause)}); check ${variable}`, { cause });
  });
}
