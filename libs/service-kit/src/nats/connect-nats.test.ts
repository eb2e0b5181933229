import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CredentialsError } from '@grm/protocol';
import { nkeys } from '@nats-io/transport-node';
import { afterAll, describe, expect, it } from 'vitest';
import { startNatsServer } from '../testing/start-nats-server.ts';
import { connectNats } from './connect-nats.ts';
import { NatsRefusedError } from './nats-refused-error.ts';
import { newInbox } from './new-inbox.ts';

const folder = await mkdtemp(join(tmpdir(), 'grm-connect-'));
afterAll(() => rm(folder, { recursive: true, force: true }));
const seedOf = (user: ReturnType<typeof nkeys.createUser>): string => new TextDecoder().decode(user.getSeed());

it('names the servers that did not answer, without the passwords in their addresses', async () => {
  const failure = connectNats({ servers: ['nats://user:secret@127.0.0.1:1', '127.0.0.1:1'], name: 'test', timeoutMs: 1 });
  await expect(failure).rejects.toThrow('No NATS server answered at nats://127.0.0.1:1, 127.0.0.1:1 within 1 ms');
});

describe('a connection as a user', () => {
  it('is that of the nkey seed in its file, and of whichever lies there at the next connection', async () => {
    const [first, second] = [nkeys.createUser(), nkeys.createUser()];
    const users = [first, second].map((user) => `{ nkey: ${user.getPublicKey()} }`).join(', ');
    await using server = await startNatsServer({ configuration: `authorization { users: [${users}] }` });
    const credentials = join(folder, 'user.nk');
    await writeFile(credentials, `${seedOf(first)}\n`);
    const connection = await connectNats({ servers: [server.url], name: 'test', credentials, timeoutMs: 5_000 });
    const who = async (): Promise<unknown> => (await connection.request('$SYS.REQ.USER.INFO')).json<{ data: { user: string } }>().data.user;
    expect(await who()).toBe(first.getPublicKey());

    const reconnected = async (): Promise<void> => {
      for await (const { type } of connection.status()) if (type === 'reconnect') return;
    };
    await writeFile(credentials, seedOf(second));
    let again = reconnected();
    await connection.reconnect();
    await again;
    expect(await who()).toBe(second.getPublicKey());

    // While the file is being replaced it counts as it was.
    await rm(credentials);
    again = reconnected();
    await connection.reconnect();
    await again;
    expect(await who()).toBe(second.getPublicKey());
    await connection.close();
  });

  it('is refused at once where the server does not know it, by the name of the file', async () => {
    await using server = await startNatsServer({ configuration: `authorization { users: [{ nkey: ${nkeys.createUser().getPublicKey()} }] }` });
    const credentials = join(folder, 'stranger.nk');
    const seed = seedOf(nkeys.createUser());
    await writeFile(credentials, seed);
    const start = performance.now();
    const failure = connectNats({ servers: [server.url], name: 'test', credentials });
    await expect(failure).rejects.toThrow(NatsRefusedError);
    await expect(failure).rejects.toThrow(`refuses the credentials ${credentials}`);
    await expect(failure).rejects.not.toThrow(seed);
    await expect(connectNats({ servers: [server.url], name: 'test' })).rejects.toThrow('asks for credentials (Authorization Violation); set GRM_NATS_CREDENTIALS');
    expect(performance.now() - start).toBeLessThan(10_000);
  });

  it('needs files that can be read', async () => {
    const servers = ['nats://127.0.0.1:1'];
    await expect(connectNats({ servers, name: 'test', credentials: join(folder, 'nowhere') })).rejects.toThrow(CredentialsError);
    await expect(connectNats({ servers, name: 'test', certificateAuthority: join(folder, 'nowhere.crt') })).rejects.toThrow(/nowhere\.crt: the certificate authority cannot be read .*GRM_NATS_CA/);
  });

  it('is answered where it may be', async () => {
    await using server = await startNatsServer();
    const connection = await connectNats({ servers: [server.url], name: 'test', inboxPrefix: '_INBOX_voter.a.b' });
    expect(newInbox(connection)).toMatch(/^_INBOX_voter\.a\.b\.\w+$/);
    const plain = await connectNats({ servers: [server.url], name: 'test' });
    expect(newInbox(plain)).toMatch(/^_INBOX\.\w+$/);
    await Promise.all([connection.close(), plain.close()]);
  });
});
