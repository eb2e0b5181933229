import { type NatsUser, parseCredentials, permissionsOf } from '@grm/protocol';
import { parseManifests } from '@grm/resources';
import { encodeUser, fmtCreds } from '@nats-io/jwt';
import { createAccount, createUser } from '@nats-io/nkeys';
import { describe, expect, it } from 'vitest';
import { accountSigner, AccountSeedError } from './account-signer.ts';
import { issueUser } from './issue-user.ts';
import { renewalReason, secondsUntilRenewal } from './renewal-reason.ts';
import { renewedSecret } from './renewed-secret.ts';
import { usersOfRun } from './users-of-run.ts';
import { usersOfService } from './users-of-service.ts';
import { credentialsKey, userSecret } from './user-secret.ts';

const seedOf = (account: ReturnType<typeof createAccount>): string => new TextDecoder().decode(account.getSeed());
const account = createAccount();
const signer = accountSigner(`${seedOf(account)}\n`, 'account.seed');
const user: NatsUser = { role: 'sampler', namespace: 'team-a', service: 'judge', modelBuckets: ['grm-models'] };
const now = new Date('2026-11-26T12:00:00Z');
const later = (days: number): Date => new Date(now.getTime() + days * 86_400_000);
const serviceOf = (manifest: string) => {
  const [service] = parseManifests(manifest, 'test.yaml', 'cluster');
  if (service?.kind !== 'GRMInferenceService') throw new Error('no service');
  return service;
};
const runOf = (manifest: string) => {
  const [run] = parseManifests(manifest, 'test.yaml', 'cluster');
  if (run?.kind !== 'GRMTrainingRun') throw new Error('no run');
  return run;
};
const service = serviceOf('{apiVersion: grm.dev/v1alpha1, kind: GRMInferenceService, metadata: {name: judge, namespace: team-a, labels: {team: search}}, spec: {model: {trainingRun: {name: nano}}, metaRM: {}, rollout: {gate: {suite: nanobench, minAccuracy: 0.5}}}}');
const secretOf = async (options: Partial<Parameters<typeof issueUser>[0]> = {}) => userSecret(service, 'sampler', await issueUser({ user, signer, now, ...options }));

describe('a user that is issued', () => {
  it('is a .creds file whose user is answered on its own inbox, and ends', async () => {
    const { credentials, expiresAt } = await issueUser({ user, signer, now });
    expect(expiresAt).toEqual(later(30));
    expect(parseCredentials(credentials, 'x')).toEqual({ kind: 'user', inboxPrefix: '_INBOX_sampler.team-a.judge', expiresAt: later(30).getTime() / 1_000 });
  });

  it('has a key of its own', async () => {
    expect((await secretOf()).data).not.toEqual((await secretOf()).data);
  });

  it("lies beside the authority of the servers, where that is a private one, and is issued anew when that is another", async () => {
    const wanted = { resource: service, wanted: { component: 'sampler', user }, signer, now: new Date() } as const;
    const first = await renewedSecret({ ...wanted, live: undefined, authority: 'ours' });
    expect(Buffer.from(first?.secret.data['ca.crt'] ?? '', 'base64').toString()).toBe('ours');
    expect(await renewedSecret({ ...wanted, live: first?.secret, authority: 'ours' })).toBeUndefined();
    expect((await renewedSecret({ ...wanted, live: first?.secret, authority: 'theirs' }))?.reason).toBe('AuthorityChanged');
    expect((await renewedSecret({ ...wanted, live: first?.secret }))?.secret.data).not.toHaveProperty('ca.crt');
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
      metadata: {
        name: 'grm-judge-sampler-nats',
        namespace: 'team-a',
        labels: { team: 'search', 'app.kubernetes.io/managed-by': 'grm', 'app.kubernetes.io/component': 'sampler' },
        annotations: { 'grm.dev/nats-user-expires': '2026-12-26T12:00:00.000Z' },
      },
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

describe('the components of a resource', () => {
  it('of a service have a user each, that reads where the models of its revisions lie', () => {
    const models = ['nats://grm-models/team-a.nano/policy', `nats://others/judge#sha256:${'a'.repeat(64)}`, 'builtin://nano-judge', 'pvc://claim/folder'];
    const users = usersOfService(service, models);
    expect(users.map(({ component, user: { role } }) => [component, role])).toEqual([
      ['sampler', 'sampler'],
      ['meta-rm', 'meta-rm'],
      ['voter', 'voter'],
      ['client', 'client'],
      ['candidate', 'voter'],
      ['gate', 'gate'],
    ]);
    expect(users[0]?.user).toEqual({ ...user, modelBuckets: ['grm-models', 'others'] });
  });

  it('of a run have users that write where its manifest says', () => {
    const run = (spec: string) =>
      runOf(`{apiVersion: grm.dev/v1alpha1, kind: GRMTrainingRun, metadata: {name: nano, namespace: team-a}, spec: {base: {builtin: nano-base}, data: [{name: pairs, builtin: nanobench}], stages: {rft: {}}, ${spec}}}`);
    const address = { namespace: 'team-a', run: 'nano' };
    const told = run('artifacts: {to: {objectStore: {bucket: mine}}}, checkpoint: {to: {objectStore: {bucket: saved}}}, rollouts: {replicas: 2}');
    expect(usersOfRun(told, { models: ['nats://bases/nano'], artifactsBucket: 'grm-models' })).toEqual([
      { component: 'trainer', user: { role: 'trainer', ...address, modelBuckets: ['bases'], artifactsBucket: 'mine', checkpointsBucket: 'saved' } },
      { component: 'rollouts', user: { role: 'rollouts', ...address } },
    ]);
    expect(usersOfRun(run('rollouts: {replicas: 0}'), { models: ['builtin://nano-base'], artifactsBucket: 'grm-models' })).toEqual([
      { component: 'trainer', user: { role: 'trainer', ...address, modelBuckets: [], artifactsBucket: 'grm-models' } },
    ]);
  });

  it('get a new Secret only where the one that is there will not do', async () => {
    const wanted = { component: 'sampler', user } as const;
    const first = await renewedSecret({ resource: service, wanted, live: undefined, signer, now: new Date() });
    expect(first?.reason).toBe('Missing');
    expect(await renewedSecret({ resource: service, wanted, live: first?.secret, signer, now: new Date() })).toBeUndefined();
  });
});
