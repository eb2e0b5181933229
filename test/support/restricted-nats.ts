import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { accountSigner, issueUser, newNatsAccount } from '@grm/operator';
import type { NatsUser } from '@grm/protocol';
import { connectNats } from '@grm/service-kit';
import { startNatsServer, type TestNatsServer } from '@grm/service-kit/testing';
import type { NatsConnection } from '@nats-io/transport-node';
import { temporaryFolder } from './temporary-folder.ts';

/** A nats-server that lets in whom the operator has issued, each to what its role does. Disposing ends what it started. */
export interface RestrictedNats extends AsyncDisposable {
  readonly server: TestNatsServer;
  /** Content of the file of a user who may do everything in the account. */
  readonly adminCredentials: string;
  /** Connected as that user. */
  readonly admin: NatsConnection;
  /** File of an issued user. */
  credentials(user: NatsUser, options?: { readonly lifetimeSeconds?: number; readonly file?: string }): Promise<string>;
  /** The test's own connection as a user. */
  connect(user: NatsUser): Promise<NatsConnection>;
}

export async function restrictedNats(): Promise<RestrictedNats> {
  const stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryFolder());
  const account = await newNatsAccount();
  const signer = accountSigner(account.accountSeed, 'test');
  const server = stack.use(await startNatsServer({ configuration: account.resolver }));
  const adminFile = join(folder.path, 'admin.creds');
  await writeFile(adminFile, account.operatorCredentials);
  let issued = 0;
  const open = async (credentials: string): Promise<NatsConnection> =>
    stack.adopt(await connectNats({ servers: [server.url], name: 'test', credentials, timeoutMs: 5_000 }), (connection) => connection.close());
  const credentials: RestrictedNats['credentials'] = async (user, { lifetimeSeconds = 3_600, file } = {}) => {
    const path = file ?? join(folder.path, `${user.role}-${++issued}.creds`);
    await writeFile(path, (await issueUser({ user, signer, now: new Date(), lifetimeSeconds })).credentials);
    return path;
  };
  return {
    server,
    adminCredentials: account.operatorCredentials,
    admin: await open(adminFile),
    credentials,
    connect: async (user) => open(await credentials(user)),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
