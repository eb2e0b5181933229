import { expect, it } from 'vitest';
import { mapRunSources } from './map-run-sources.ts';
import { parseManifests } from './parse-manifests.ts';

const manifest = `
apiVersion: grm.dev/v1alpha1
kind: GRMTrainingRun
metadata: {name: all}
spec:
  base: {builtin: nano-base}
  data: [{name: made, builtin: nanobench}, {name: own, volume: {path: v-data}}]
  stages:
    pretrain: {corpus: {volume: {path: v-corpus}}, tokens: 1000}
    rft: {kept: {volume: {path: v-kept}}, general: {corpus: {volume: {path: v-general}}}}
    grpo: {filter: {model: {volume: {path: v-weak}}}}
    evaluation: {suites: [{name: own, volume: {path: v-suite}}, {name: nanobench, builtin: nanobench}]}
  checkpoint: {to: {volume: {path: v-checkpoints}}}
`;

it('every file, folder and model that a run names is resolved, and nothing else', () => {
  const [run] = parseManifests(manifest, 'run.yaml');
  if (run?.kind !== 'GRMTrainingRun') throw new Error('not a run');
  const seen: string[] = [];
  const mapped = mapRunSources(run, (source) => {
    const name = source.kind === 'volume' ? source.path : source.kind === 'builtin' ? source.name : source.kind;
    seen.push(name);
    return `/at/${name}`;
  });
  const named = [...manifest.matchAll(/v-[a-z]+/g)].map(([path]) => path);
  expect(seen.toSorted()).toEqual(['nano-base', ...named].toSorted());
  for (const path of named) expect(JSON.stringify(mapped)).toContain(`"/at/${path}"`);
  expect(mapped.spec.data[0]).toEqual({ name: 'made', builtin: 'nanobench' });
});
