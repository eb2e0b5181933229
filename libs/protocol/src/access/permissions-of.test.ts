import { describe, expect, it } from 'vitest';
import { GrmError } from '../grm-error.ts';
import { inboxPrefixOf } from './inbox-prefix.ts';
import type { NatsUser } from './nats-user.ts';
import { permissionsOf } from './permissions-of.ts';

const service = { namespace: 'team-a', service: 'judge' } as const;
const run = { namespace: 'team-a', run: 'nano' } as const;
const users: readonly NatsUser[] = [
  { role: 'sampler', ...service, modelBuckets: ['grm-models'] },
  { role: 'meta-rm', ...service, modelBuckets: ['grm-models'] },
  { role: 'voter', ...service },
  { role: 'gate', ...service },
  { role: 'trainer', ...run, modelBuckets: ['grm-models'], artifactsBucket: 'grm-models', checkpointsBucket: 'grm-checkpoints' },
  { role: 'rollouts', ...run },
  { role: 'client', ...service, name: 'search' },
  { role: 'operator' },
];

describe('permissions', () => {
  it.each(users.map((user) => [user.role, user] as const))('of a %s name each subject once, hear nobody else, and never begin with a wildcard', (_, user) => {
    const { publish, subscribe } = permissionsOf(user);
    expect(new Set(publish).size).toBe(publish.length);
    for (const subject of [...publish, ...subscribe]) expect(subject).toMatch(/^(\$JS|\$KV|\$O|\$SRV|grm|_INBOX_[a-z-]+)\./);
    expect(subscribe.filter((subject) => subject.startsWith('_INBOX'))).toEqual([`${inboxPrefixOf(user)}.>`]);
  });

  it('give each user an inbox of its own', () => {
    const prefixes = [...users, { role: 'voter', namespace: 'team-a', service: 'other' } as const, { role: 'client', namespace: 'team-a', name: 'other' } as const].map(inboxPrefixOf);
    const overlapping = prefixes.flatMap((one) => prefixes.filter((other) => `${one}.`.startsWith(`${other}.`)));
    // Each overlaps with itself alone.
    expect(overlapping).toEqual(prefixes);
  });

  it('stay as they are when a service rolls out another revision', () => {
    const before = permissionsOf({ role: 'voter', ...service });
    expect(permissionsOf({ role: 'voter', ...service, revision: 'r1' })).toEqual(before);
  });

  it('cover the whole namespace for a team without a service', () => {
    expect(permissionsOf({ role: 'client', namespace: 'team-a', name: 'search' }).publish).toEqual(['grm.v1.team-a.*.judge', 'grm.v1.team-a.*.answer']);
  });

  it.each([
    [{ role: 'voter', namespace: '*', service: 'judge' }],
    [{ role: 'sampler', namespace: 'team-a', service: '>', modelBuckets: [] }],
    [{ role: 'gate', namespace: 'team-a', service: 'a.b' }],
    [{ role: 'client', namespace: 'team-a', service: '*', name: 'search' }],
    [{ role: 'client', namespace: 'team-a', name: '*' }],
    [{ role: 'trainer', namespace: 'team-a', run: '>', modelBuckets: [] }],
    [{ role: 'rollouts', namespace: '', run: 'nano' }],
  ] as const satisfies readonly (readonly [NatsUser])[])('are not given to a name that is none: %j', (user) => {
    expect(() => permissionsOf(user)).toThrow(GrmError);
  });

  it.each([['*'], ['>'], ['a.b'], ['']])('are not given to a bucket that is none: %j', (bucket) => {
    expect(() => permissionsOf({ role: 'sampler', ...service, modelBuckets: [bucket] })).toThrow('is not the name of a bucket');
    expect(() => permissionsOf({ role: 'trainer', ...run, modelBuckets: [], artifactsBucket: bucket })).toThrow('is not the name of a bucket');
  });
});
