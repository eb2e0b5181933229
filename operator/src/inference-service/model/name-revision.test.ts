import { expect, it } from 'vitest';
import { nameRevision, type RevisionInputs } from './name-revision.ts';

const inputs: RevisionInputs = {
  policy: { name: 'nano', uri: 'nats://grm-models/default.nano/policy', digest: 'sha256:aa' },
  policyWeights: 'fp32',
  metaRM: { name: 'nano', uri: 'nats://grm-models/default.nano/metaRM', digest: 'sha256:bb' },
  metaRMWeights: 'fp32',
  template: 'Compact',
};

it('keeps the name of a revision over time, since a new name is a roll-out of every service', () => {
  expect(nameRevision(inputs)).toBe('rfdd1tay4');
});

it.each<[string, Partial<RevisionInputs>]>([
  ['the digest of the model', { policy: { ...inputs.policy, digest: 'sha256:ab' } }],
  ['where the model lies', { policy: { ...inputs.policy, uri: 'builtin://nano-judge' } }],
  ['the digest of the meta RM', { metaRM: { name: 'nano', uri: 'nats://grm-models/default.nano/metaRM', digest: 'sha256:bc' } }],
  ['the precision of its weights', { policyWeights: 'int8' }],
  ['the template', { template: 'Published' }],
])('gives another revision for another %s', (_what, change) => {
  expect(nameRevision({ ...inputs, ...change })).not.toBe(nameRevision(inputs));
  expect(nameRevision({ ...inputs, ...change })).toMatch(/^r[a-z0-9]{8}$/);
});

it('gives the same revision for another display name of the model', () => {
  expect(nameRevision({ ...inputs, policy: { ...inputs.policy, name: 'other' } })).toBe(nameRevision(inputs));
});
