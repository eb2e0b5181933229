import { startNatsServer } from '@grm/service-kit/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import { createUser, fromSeed } from '@nats-io/nkeys';
import { encodeUser, fmtCreds } from '@nats-io/jwt';
import { connect, credsAuthenticator } from '@nats-io/transport-node';
import { describe, expect, it } from 'vitest';
import { newNatsAccount } from './new-nats-account.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);

describe('newNatsAccount', () => {
  it("lets the operator keep streams, and users that its seed signs do what they may, and nobody else connect", async () => {
    const account = await newNatsAccount();
    await using server = await startNatsServer({ configuration: account.resolver });
    const options = { servers: server.url, reconnect: false, timeout: 5_000 };

    const operator = await connect({ ...options, authenticator: credsAuthenticator(bytesOf(account.operatorCredentials)) });
    const streams = await jetstreamManager(operator);
    await streams.streams.add({ name: 'WORK', subjects: ['work.>'] });
    expect((await streams.streams.info('WORK')).config.subjects).toEqual(['work.>']);

    const user = createUser();
    const token = await encodeUser('voter', user, fromSeed(bytesOf(account.accountSeed)), { pub: { allow: ['work.a'] }, sub: { allow: ['_INBOX.>'] } });
    const voter = await connect({ ...options, authenticator: credsAuthenticator(fmtCreds(token, user)) });
    const refused = new Promise((resolve) => {
      void (async () => {
        for await (const status of voter.status()) if (status.type === 'error') resolve(String(status.error));
      })();
    });
    expect(JSON.parse((await voter.request('work.a', '')).string())).toMatchObject({ stream: 'WORK' });
    voter.publish('work.b');
    expect(await refused).toMatch(/work\.b/);

    await expect(connect(options)).rejects.toThrow(/authorization/i);
    const stranger = await newNatsAccount();
    await expect(connect({ ...options, authenticator: credsAuthenticator(bytesOf(stranger.operatorCredentials)) })).rejects.toThrow(/authorization/i);
    await Promise.all([operator.close(), voter.close()]);
  });
});
