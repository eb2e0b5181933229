import type { ServiceEngine } from '@grm/resources';
import { expect, it } from 'vitest';
import { nameRevision, type RevisionInputs } from './name-revision.ts';

const embedded = (weights: 'fp32' | 'int8'): ServiceEngine => ({ embedded: { threads: 1, weights, device: 'cpu' } });
const inputs: RevisionInputs = {
  policy: { name: 'nano', uri: 'nats://grm-models/default.nano/policy', digest: 'sha256:aa' },
  policyEngine: embedded('fp32'),
  metaRM: { name: 'nano', uri: 'nats://grm-models/default.nano/metaRM', digest: 'sha256:bb' },
  metaRMEngine: embedded('fp32'),
  template: 'Compact',
};

it('keeps the name of a revision over time, since a new name is a roll-out of every service', () => {
  expect(nameRevision(inputs)).toBe('rfdd1tay4');
});

it.each<[string, Partial<RevisionInputs>]>([
  ['the digest of the model', { policy: { ...inputs.policy, digest: 'sha256:ab' } }],
  ['where the model lies', { policy: { ...inputs.policy, uri: 'builtin://nano-judge' } }],
  ['the digest of the meta RM', { metaRM: { name: 'nano', uri: 'nats://grm-models/default.nano/metaRM', digest: 'sha256:bc' } }],
  ['the precision of its weights', { policyEngine: embedded('int8') }],
  ['the template', { template: 'Published' }],
])('gives another revision for another %s', (_what, change) => {
  expect(nameRevision({ ...inputs, ...change })).not.toBe(nameRevision(inputs));
  expect(nameRevision({ ...inputs, ...change })).toMatch(/^r[a-z0-9]{8}$/);
});

it('gives the same revision for another display name of the model', () => {
  expect(nameRevision({ ...inputs, policy: { ...inputs.policy, name: 'other' } })).toBe(nameRevision(inputs));
});

const server = { image: 'vllm/vllm-openai:v0.11.0', args: [], environment: [], port: 8000, startupSeconds: 600 };
const asked = { dialect: 'VLLM', maxConcurrent: 64, maxWaiting: 8 } as const;
const servers: [string, ServiceEngine][] = [
  ['a server in the pod', { openAI: { ...asked, server } }],
  ['another image of it', { openAI: { ...asked, server: { ...server, image: 'vllm/vllm-openai:v0.12.0' } } }],
  ['other arguments', { openAI: { ...asked, server: { ...server, args: ['--dtype', 'float16'] } } }],
  ['another command', { openAI: { ...asked, server: { ...server, command: ['serve'] } } }],
  ['other variables', { openAI: { ...asked, server: { ...server, environment: [{ name: 'VLLM_USE_V1', value: '1' }] } } }],
  ['a server at a url', { openAI: { ...asked, url: 'http://vllm:8000' } }],
  ['a server at another url', { openAI: { ...asked, url: 'http://vllm:8001' } }],
  ['another name of its model', { openAI: { ...asked, url: 'http://vllm:8000', servedModelName: 'other' } }],
  ['a server of another kind', { openAI: { ...asked, dialect: 'SGLang', url: 'http://vllm:8000' } }],
];

it('gives another revision for every server that may judge otherwise, of the judge and of the meta RM', () => {
  const names = servers.flatMap(([, engine]) => [nameRevision({ ...inputs, policyEngine: engine }), nameRevision({ ...inputs, metaRMEngine: engine })]);
  expect(new Set([...names, nameRevision(inputs)]).size).toBe(2 * servers.length + 1);
});

it('gives the same revision however the server is asked', () => {
  const engine = (fields: object): ServiceEngine => ({ openAI: { ...asked, url: 'http://vllm:8000', ...fields } });
  const named = (fields: object) => nameRevision({ ...inputs, policyEngine: engine(fields) });
  expect(named({ maxConcurrent: 1, maxWaiting: 0, apiKeySecret: { name: 'key', key: 'api-key' } })).toBe(named({}));
});
