import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { GRMTrainingRun } from './grm-training-run.ts';
import { ManifestError } from './manifest-error.ts';
import { NOT_SUPPORTED_YET } from './not-supported-yet.ts';
import { parseManifests } from './parse-manifests.ts';

const HEAD = 'apiVersion: grm.dev/v1alpha1\nkind: ';
const run = (spec: string) => `${HEAD}GRMTrainingRun\nmetadata: {name: nano}\nspec:\n${spec}`;
const service = (spec: string) => `${HEAD}GRMInferenceService\nmetadata: {name: nano}\nspec:\n${spec}`;

/** The message of the error that the manifest is refused with. */
function refusal(text: string): string {
  try {
    parseManifests(text, 'a.yaml');
  } catch (error) {
    if (error instanceof ManifestError) return error.message;
    throw error;
  }
  return 'accepted';
}

describe('parseManifests', () => {
  const examples = new URL('../../../examples/nano/', import.meta.url);
  it.each(readdirSync(examples))('accepts the example %s', (name) => {
    expect(parseManifests(readFileSync(new URL(name, examples), 'utf8'), name)).toHaveLength(1);
  });

  it('fills in every default, and parses its own result again unchanged', () => {
    const [parsed] = parseManifests(run('  base: {builtin: nano-judge}\n  data: [{name: pairs, builtin: nanobench}]\n  stages: {metaRM: {}}'), 'a.yaml');
    expect(parsed).toMatchObject({
      metadata: { namespace: 'default' },
      spec: { seed: 1, template: 'Compact', stages: { metaRM: { samplesPerItem: 4, batchSize: 40 } }, engine: { embedded: { threads: 2, device: 'cpu' } } },
    });
    expect(parseManifests(JSON.stringify(parsed), 'a.json')).toEqual([parsed]);
  });

  it('reads a from-scratch run, with sizes such as 5e6 as numbers', () => {
    const text = run(
      [
        '  model: {hiddenSize: 128, layers: 4, heads: 4, intermediateSize: 352, vocabularySize: 1000}',
        '  stages: {pretrain: {corpus: {builtin: nanobench}, tokens: 5e6, learningRate: 1e-3}}',
      ].join('\n'),
    );
    const [parsed] = parseManifests(text, 'a.yaml') as GRMTrainingRun[];
    expect(parsed?.spec.stages.pretrain?.tokens).toBe(5_000_000);
    expect(parsed?.spec.base).toBeUndefined();
  });

  it('says file, line, column, resource and field of every fault at once', () => {
    const text = service('  model: {builtin: nano-judge}\n  sampling:\n    samples: many\n    temperature: .nan\n  nonsense: 1');
    expect(refusal(text)).toBe(
      [
        'a.yaml:7:5: GRMInferenceService/nano spec.sampling.samples: expected number, received string',
        'a.yaml:8:5: GRMInferenceService/nano spec.sampling.temperature: expected number, received NaN',
        'a.yaml:9:3: GRMInferenceService/nano spec.nonsense: unknown field',
      ].join('\n'),
    );
  });

  it('reports faults of the second document on its own lines', () => {
    const good = service('  model: {builtin: nano-judge}');
    expect(refusal(`${good}\n---\n${service('  model: {builtin: Nano}')}`)).toMatch(/^a\.yaml:11:11: .*spec\.model\.builtin/);
  });

  it('says where YAML itself is broken', () => {
    expect(refusal('spec: {a: 1\nkind: x')).toMatch(/^a\.yaml:2:1: /);
    expect(refusal(`${HEAD}GRMTrainingRun\nkind: GRMTrainingRun`)).toMatch(/^a\.yaml:3:1: .*unique/);
  });

  it.each(Object.entries(NOT_SUPPORTED_YET).flatMap(([kind, fields]) => fields.map((field) => [kind, field] as const)))(
    '%s: refuses %s by name until something enforces it',
    (kind, field) => {
      const base =
        kind === 'GRMTrainingRun'
          ? { base: { builtin: 'nano-judge' }, data: [{ name: 'pairs', builtin: 'nanobench' }], stages: { pretrain: { corpus: { builtin: 'nanobench' }, tokens: 1 }, metaRM: {} } }
          : { model: { builtin: 'nano-judge' }, metaRM: { model: { builtin: 'nano-meta-rm' } } };
      const value = { apiVersion: 'grm.dev/v1alpha1', kind, metadata: { name: 'nano' }, spec: structuredClone(base) };
      expect(refusal(JSON.stringify(value))).toBe('accepted');
      setAt(value, field);
      expect(refusal(JSON.stringify(value))).toContain(`${field.replace('[]', '[0]')}: not supported yet`);
    },
  );

  it('refuses no resource, an unknown kind, another version, a status, and the same name twice', () => {
    expect(refusal('# nothing\n')).toBe('a.yaml:1:1: no resource in this file');
    expect(refusal('hello')).toBe('a.yaml:1:1: not a resource: apiVersion and kind are needed');
    expect(refusal(`${HEAD}Deployment\n`)).toContain('kind Deployment is unknown; known: GRMTrainingRun, GRMInferenceService');
    expect(refusal('apiVersion: grm.dev/v2\nkind: GRMTrainingRun')).toContain('apiVersion grm.dev/v2 is unknown');
    const good = service('  model: {builtin: nano-judge}');
    expect(refusal(`${good}\nstatus: {}`)).toContain('status is written by the system');
    expect(refusal(`${good}\n---\n${good}`)).toContain('a.yaml:7:1: GRMInferenceService/default/nano: declared a second time');
  });
});

/** Puts an empty object at `a.b[].c`, making what is missing on the way. */
function setAt(value: unknown, field: string): void {
  const steps = field.replaceAll('[]', '.0').split('.');
  let at = value as Record<string, unknown>;
  for (const step of steps.slice(0, -1)) {
    at[step] ??= {};
    at = at[step] as Record<string, unknown>;
  }
  at[steps.at(-1) ?? ''] = {};
}
