import { CredentialsError, defaults, subjects } from '@grm/protocol';
import { connect, type ConnectionOptions, errors, type NatsConnection } from '@nats-io/transport-node';
import { authentication } from './authentication.ts';
import { NatsJudgeClient } from './nats-judge-client.ts';
import type { JudgeClient } from './judge-client.ts';

export interface ConnectOptions {
  /** URL of a NATS server, or several of one cluster: `nats://127.0.0.1:4222`. */
  readonly servers: string | readonly string[];
  /** Name of the GRMInferenceService. */
  readonly service: string;
  /** Its namespace; `default` when absent. */
  readonly namespace?: string;
  /** A revision of the service's model, to be asked whether it serves or not, by those who may; whichever serves when absent. */
  readonly revision?: string;
  /** Time that a request may take unless it says otherwise, ms; 30 s when absent. */
  readonly timeoutMs?: number;
  /** How long to look for a service that nobody answers for, ms; 10 s when absent. Voters that restart are found again within it. */
  readonly patienceMs?: number;
  /** File of the user that the team was given: a `.creds` file, or an nkey seed. Read again at each reconnect. */
  readonly credentials?: string;
  /** PEM file of the authority that signs the servers' certificates, where it is a private one. */
  readonly certificateAuthority?: string;
  /** PEM files of one's own certificate and its key, for servers that ask for one. */
  readonly clientCertificate?: { readonly certificate: string; readonly key: string };
  /** Further options of the connection, handed to `@nats-io/transport-node` as they are. */
  readonly connection?: Omit<NonNullable<Parameters<typeof connect>[0]>, 'servers'>;
}

/**
 * Connects to the judge of one inference service.
 *
 * ```ts
 * await using judge = await connectJudge({ servers: 'nats://127.0.0.1:4222', service: 'nano' });
 * const verdict = await judge.judge({
 *   conversation: [{ role: 'user', content: 'What is 17 + 25?' }],
 *   responses: ['42', '32'],
 *   sampling: { samples: 8, seed: 7 },
 * });
 * verdict.best; // 0
 * ```
 *
 * The client reconnects by itself for as long as it is open.
 * @throws GrmError `invalid-request` when a name is not valid; CredentialsError; a NATS error when no server answers, or none knows the user.
 */
export async function connectJudge(options: ConnectOptions): Promise<JudgeClient> {
  const { servers, service, namespace = 'default', revision, timeoutMs = defaults.timeoutMs, patienceMs = 10_000, credentials, certificateAuthority, clientCertificate } = options;
  const names = subjects({ namespace, service, ...(revision === undefined ? {} : { revision }) });
  const tls = {
    ...(certificateAuthority === undefined ? {} : { caFile: certificateAuthority }),
    ...(clientCertificate === undefined ? {} : { certFile: clientCertificate.certificate, keyFile: clientCertificate.key }),
  };
  const settings = {
    maxReconnectAttempts: -1,
    reconnectTimeWait: 200,
    reconnectJitter: 200,
    ...(credentials === undefined ? {} : authentication(credentials)),
    ...(Object.keys(tls).length === 0 ? {} : { tls }),
    ...options.connection,
    servers: typeof servers === 'string' ? servers : [...servers],
  };
  const connection = await open(settings, credentials);
  return new NatsJudgeClient(connection, { inboxPrefix: settings.inboxPrefix, subjects: names.revision ?? names, timeoutMs, patienceMs });
}

async function open(settings: ConnectionOptions, credentials: string | undefined): Promise<NatsConnection> {
  try {
    return await connectInTime(settings);
  } catch (cause) {
    if (credentials === undefined || !(cause instanceof errors.AuthorizationError)) throw cause;
    throw new CredentialsError(credentials, `the NATS server refuses them (${cause.message}): they have expired, were revoked, or are of another account; have the file made again`, { cause });
  }
}

/** Longest that a server may leave open whether it lets one in, ms. */
const CONNECT_MS = 30_000;

/** The NATS client itself tries for ever where a server takes the connection and ends it at once, as one does that asks for a client certificate and gets none. */
async function connectInTime(settings: ConnectionOptions): Promise<NatsConnection> {
  const connecting = connect(settings);
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`The NATS server takes the connection and ends it, for ${CONNECT_MS} ms; one that asks for a client certificate does so (clientCertificate)`)), CONNECT_MS);
  try {
    return await Promise.race([connecting, late.promise]);
  } catch (error) {
    void connecting.then((connection) => connection.close(), () => undefined);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
