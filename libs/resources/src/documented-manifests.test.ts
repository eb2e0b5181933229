import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parseManifests } from './parse-manifests.ts';

const page = readFileSync(new URL('../../../docs/manifests.md', import.meta.url), 'utf8');
const [run = '', service = ''] = [...page.matchAll(/```yaml\n([^]*?)```/g)].map(([, block]) => block ?? '');

const required = {
  GRMTrainingRun: {
    model: { hiddenSize: 128, layers: 4, heads: 4, intermediateSize: 352, vocabularySize: 1200 },
    data: [{ name: 'pairs', builtin: 'nanobench' }],
    stages: {
      pretrain: { corpus: { builtin: 'nanobench' }, tokens: 5e6 },
      rft: { general: { corpus: { builtin: 'nanobench' } } },
      grpo: {},
      metaRM: {},
      evaluation: { suites: [{ name: 'nanobench', builtin: 'nanobench' }] },
    },
  },
  GRMInferenceService: { model: { trainingRun: { name: 'example' } }, metaRM: {} },
};

it.each([
  ['GRMTrainingRun', run],
  ['GRMInferenceService', service],
] as const)('docs/manifests.md shows the defaults of a %s', (kind, documented) => {
  const short = { apiVersion: 'grm.dev/v1alpha1', kind, metadata: { name: 'example' }, spec: required[kind] };
  expect(parseManifests(documented, 'docs/manifests.md')).toEqual(parseManifests(JSON.stringify(short), 'short'));
});

it('docs/engines.md shows services that a cluster takes', () => {
  const text = readFileSync(new URL('../../../docs/engines.md', import.meta.url), 'utf8');
  const [, manifests = ''] = /```yaml\n([^]*?)```/.exec(text) ?? [];
  const whole = manifests.split('---\n').map((one) => `apiVersion: grm.dev/v1alpha1\nmetadata: {name: example}\n${one.includes('kind:') ? '' : 'kind: GRMInferenceService\n'}${one}`);
  expect(whole.map((one) => parseManifests(one, 'docs/engines.md', 'cluster').length)).toEqual([1, 1, 1]);
});

/** Every field's path, lists left out. */
function fieldsOf(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [path];
  return Object.entries(value).flatMap(([key, inner]) => fieldsOf(inner, `${path}.${key}`));
}

it('docs/manifests.md leaves no field out that has a default', () => {
  for (const [kind, documented] of [['GRMTrainingRun', run], ['GRMInferenceService', service]] as const) {
    const short = { apiVersion: 'grm.dev/v1alpha1', kind, metadata: { name: 'example' }, spec: required[kind] };
    const [parsed] = parseManifests(JSON.stringify(short), 'short');
    for (const field of fieldsOf(parsed?.spec)) expect(documented).toContain(`${field.split('.').at(-1)}:`);
  }
});
