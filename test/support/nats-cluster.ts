import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { certificateAuthority, freePort, waitUntil } from '@grm/controller-runtime/testing';
import { accountSigner, issueUser, newNatsAccount } from '@grm/operator';
import type { NatsUser } from '@grm/protocol';
import { connectNats, type NatsServers } from '@grm/service-kit';
import { startNatsServer, type TestNatsServer } from '@grm/service-kit/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { temporaryFolder } from './temporary-folder.ts';

/** A NATS cluster as production has one: three servers in operator mode that keep streams together, and let in over TLS only, by certificate and credentials. */
export interface NatsCluster extends AsyncDisposable {
  /** By the names that JetStream calls them. */
  readonly servers: ReadonlyMap<string, TestNatsServer>;
  readonly urls: readonly string[];
  /** Files with which anybody may reach the servers, without a user. */
  readonly files: Required<Pick<NatsServers, 'certificateAuthority' | 'clientCertificate'>>;
  /** Connected as the user that may do everything in the account. */
  readonly admin: NatsConnection;
  /** File of an issued user. */
  credentials(user: NatsUser): Promise<string>;
  /** Environment of the operator's process, which issues users itself. */
  readonly operatorEnvironment: Readonly<Record<string, string>>;
  /** Environment of a service's process. */
  environment(credentials: string): Record<string, string>;
}

const names = ['nats-0', 'nats-1', 'nats-2'] as const;

export async function startNatsCluster(): Promise<NatsCluster> {
  const stack = new AsyncDisposableStack();
  try {
    return await start(stack);
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

async function start(stack: AsyncDisposableStack): Promise<NatsCluster> {
  const folder = stack.use(await temporaryFolder());
  const write = async (name: string, content: string): Promise<string> => {
    await writeFile(join(folder.path, name), content);
    return join(folder.path, name);
  };
  const authority = certificateAuthority('nats');
  const account = await newNatsAccount();
  const signer = accountSigner(account.accountSeed, 'test');
  const ca = await write('ca.crt', authority.certificate);
  const pair = async (name: string, usage: 'client' | 'server') => {
    const issued = authority.issue({ commonName: name, hosts: ['127.0.0.1', 'localhost'], usage });
    return { certificate: await write(`${name}.crt`, issued.certificate), key: await write(`${name}.key`, issued.key) };
  };
  const [server, client] = [await pair('server', 'server'), await pair('client', 'client')];

  const ports = await Promise.all(names.map(() => freePort()));
  const routes = ports.map((port) => `"nats://127.0.0.1:${port}"`).join(', ');
  const tls = `tls { cert_file: "${server.certificate}", key_file: "${server.key}", ca_file: "${ca}", verify: true }`;
  const configuration = (index: number) => [account.resolver, tls, `server_name: ${names[index]}`, `cluster { name: grm, listen: "127.0.0.1:${ports[index]}", routes: [${routes}] }`].join('\n');
  const started = await Promise.all(names.map(async (name, index) => [name, stack.use(await startNatsServer({ configuration: configuration(index) }))] as const));

  const urls = started.map(([, { port }]) => `tls://127.0.0.1:${port}`);
  const files = { certificateAuthority: ca, clientCertificate: client };
  const credentials = await write('admin.creds', account.operatorCredentials);
  const admin = stack.adopt(await connectNats({ servers: urls, name: 'test', credentials, ...files, timeoutMs: 20_000 }), (connection) => connection.close());
  await waitUntil(async () => jetstreamManager(admin).then((manager) => manager.getAccountInfo(), () => undefined), { what: 'the servers to have a leader', withinMs: 30_000 });
  const seed = await write('account.seed', account.accountSeed);
  const environment: NatsCluster['environment'] = (file) => ({ GRM_NATS_URL: urls.join(','), GRM_NATS_CREDENTIALS: file, GRM_NATS_CA: ca, GRM_NATS_CERTIFICATE: client.certificate, GRM_NATS_KEY: client.key });
  let issued = 0;
  return {
    servers: new Map(started),
    urls,
    files,
    admin,
    credentials: async (user) => write(`${user.role}-${++issued}.creds`, (await issueUser({ user, signer, now: new Date() })).credentials),
    operatorEnvironment: { ...environment(credentials), GRM_NATS_ACCOUNT_SEED: seed },
    environment,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
