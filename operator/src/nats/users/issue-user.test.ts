import { type NatsUser, parseCredentials, permissionsOf } from '@grm/protocol';
import { encodeUser, fmtCreds } from '@nats-io/jwt';
import { createAccount, createUser } from '@nats-io/nkeys';
import { describe, expect, it } from 'vitest';
import { accountSigner, AccountSeedError } from './account-signer.ts';
import { issueUser } from './issue-user.ts';
import { renewalReason, secondsUntilRenewal } from './renewal-reason.ts';
import { credentialsKey, userSecret } from './user-secret.ts';

const seedOf = (account: ReturnType<typeof createAccount>): string => new TextDecoder().decode(account.getSeed());
const account = createAccount();
const signer = accountSigner(`${seedOf(account)}\n`, 'account.seed');
const user: NatsUser = { role: 'sampler', namespace: 'team-a', service: 'judge', modelBuckets: ['grm-models'] };
const now = new Date('2026-11-26T12:00:00Z');
const later = (days: number): Date => new Date(now.getTime() + days * 86_400_000);
const child = { name: 'grm-judge-sampler', namespace: 'team-a', labels: { 'app.kubernetes.io/managed-by': 'grm' } };
const secretOf = async (options: Partial<Parameters<typeof issueUser>[0]> = {}) => userSecret(child, await issueUser({ user, signer, now, ...options }));

describe('a user that is issued', () => {
  it('is a .creds file whose user is answered on its own inbox, and ends', async () => {
    const { credentials, expiresAt } = await issueUser({ user, signer, now });
    expect(expiresAt).toEqual(later(30));
    expect(parseCredentials(credentials, 'x')).toEqual({ kind: 'user', inboxPrefix: '_INBOX_sampler.team-a.judge', expiresAt: later(30).getTime() / 1_000 });
  });

  it('has a key of its own', async () => {
    expect((await secretOf()).data).not.toEqual((await secretOf()).data);
  });

  it('may be signed by a signing key, in the name of the account', async () => {
    const signing = createAccount();
    const delegated = accountSigner(seedOf(signing), 'signing.seed', account.getPublicKey());
    const secret = await secretOf({ signer: delegated });
    expect(renewalReason(secret, { user, signer: delegated, now: new Date() })).toBeUndefined();
    expect(renewalReason(secret, { user, signer, now: new Date() })).toBe('OtherAccount');
  });

  it('lies in a Secret that can be replaced, under the name and labels of the component', async () => {
    expect(await secretOf()).toMatchObject({
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'grm.dev/nats-user',
      immutable: false,
      metadata: { ...child, annotations: { 'grm.dev/nats-user-expires': '2026-12-26T12:00:00.000Z' } },
    });
  });
});

describe('a user in a Secret is issued anew', () => {
  it.each([
    ['where there is none', undefined, 'Missing'],
    ['where it cannot be read', { data: {} }, 'Unreadable'],
    ['where it was tampered with', { data: { [credentialsKey]: Buffer.from('a'.repeat(70)).toString('base64') } }, 'Unreadable'],
  ] as const)('%s', (_, secret, reason) => expect(renewalReason(secret, { user, signer, now })).toBe(reason));

  it('when a third of its life is left, and not before', async () => {
    // The library takes the time of issue from the machine's clock.
    const today = new Date();
    const secret = await secretOf({ now: today });
    const at = (days: number) => renewalReason(secret, { user, signer, now: new Date(today.getTime() + days * 86_400_000) });
    expect([at(0), at(19.9), at(20.1), at(31)]).toEqual([undefined, undefined, 'Expiring', 'Expiring']);
    expect(secondsUntilRenewal(secret, today) / 86_400).toBeCloseTo(20, 3);
  });

  it('when its role may do something else now', async () => {
    const today = new Date();
    const secret = await secretOf({ now: today });
    expect(renewalReason(secret, { user: { ...user, modelBuckets: [] }, signer, now: today })).toBe('PermissionsChanged');
    expect(renewalReason(secret, { user: { role: 'voter', namespace: 'team-a', service: 'judge' }, signer, now: today })).toBe('PermissionsChanged');
  });

  it('when the account is another one', async () => {
    const other = accountSigner(seedOf(createAccount()), 'other.seed');
    expect(renewalReason(await secretOf({ now: new Date() }), { user, signer: other, now: new Date() })).toBe('OtherAccount');
  });

  it('when somebody has widened what it may do', async () => {
    const today = new Date();
    const { publish, subscribe } = permissionsOf(user);
    const key = createUser();
    const jwt = await encodeUser('x', key, signer.key, { pub: { allow: [...publish, '>'] }, sub: { allow: [...subscribe] }, resp: { max: -1, ttl: 1 } });
    const data = { [credentialsKey]: Buffer.from(fmtCreds(jwt, key)).toString('base64') };
    expect(renewalReason({ data }, { user, signer, now: today })).toBe('PermissionsChanged');
  });
});

describe('the seed of an account', () => {
  it.each([['SUAAA', undefined], [new TextDecoder().decode(createUser().getSeed()), undefined], [seedOf(account), 'UAAA']] as const)('is refused where it is none, without being told', (seed, of) => {
    expect(() => accountSigner(seed, '/etc/account.seed', of)).toThrow(AccountSeedError);
    expect(() => accountSigner(seed, '/etc/account.seed', of)).toThrow('/etc/account.seed: ');
    expect(() => accountSigner(seed, '/etc/account.seed', of)).not.toThrow(seed);
  });
});
