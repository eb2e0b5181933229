import { readFileSync } from 'node:fs';
import { type GRMResource, parseManifests } from '@grm/resources';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { Deployment } from './kubernetes-objects.ts';
import { planWorkloads } from './plan-workloads.ts';
import type { Reference, Site } from './site.ts';

/** A cluster whose models, data and runs lie on one claim each. */
const cluster: Site = {
  image: 'grm:0.1.0',
  natsUrl: 'nats://nats:4222',
  logLevel: 'info',
  telemetryEndpoint: 'http://collector:4318',
  resolve: (reference) => ({
    path: pathOf(reference),
    mount: { volume: { name: 'models', persistentVolumeClaim: { claimName: 'models', readOnly: true } }, mountPath: '/models', readOnly: true },
  }),
  runFolder: ({ namespace, name }) => ({
    path: `/runs/${namespace}/${name}`,
    mount: { volume: { name: 'runs', persistentVolumeClaim: { claimName: 'runs' } }, mountPath: '/runs', readOnly: false },
  }),
};

function pathOf(reference: Reference): string {
  switch (reference.kind) {
    case 'builtin':
      return `/models/${reference.name}`;
    case 'volume':
      return `/models/${reference.path}`;
    case 'artifact':
      return `/models/runs/${reference.run.namespace}/${reference.run.name}/${reference.artifact}`;
    case 'object':
      return `nats://${reference.bucket}/${reference.key}`;
  }
}

function resource(text: string): GRMResource {
  const [first] = parseManifests(text, 'test.yaml');
  if (first === undefined) throw new Error('no resource');
  return first;
}

const example = (name: string) => resource(readFileSync(new URL(`../../../examples/nano/${name}.yaml`, import.meta.url), 'utf8'));
const service = (name: string, spec: string) =>
  resource(`apiVersion: grm.dev/v1alpha1\nkind: GRMInferenceService\nmetadata: {name: ${name}, namespace: team-a}\nspec: ${spec}`);

describe('planWorkloads', () => {
  it("resolves every path of a run's manifest: base, data and corpus", () => {
    const spec = '{base: {volume: {path: b}}, data: [{name: d, volume: {path: d.jsonl}}], stages: {pretrain: {corpus: {volume: {path: texts}}, tokens: 10}, metaRM: {}}}';
    const run = resource(`apiVersion: grm.dev/v1alpha1\nkind: GRMTrainingRun\nmetadata: {name: own}\nspec: ${spec}`);
    const manifest = planWorkloads(run, cluster).flatMap((object) => (object.kind === 'ConfigMap' ? [object.data['run.json']] : [])).join('');
    const [resolved] = parseManifests(manifest, 'run.json', 'cluster');
    expect(resolved?.spec).toMatchObject({
      base: { volume: { path: '/models/b' } },
      data: [{ name: 'd', volume: { path: '/models/d.jsonl' } }],
      stages: { pretrain: { corpus: { volume: { path: '/models/texts' } } } },
    });
  });

  it.each(['training-run', 'inference-service'])('plans the example %s as its golden file says', async (name) => {
    const text = planWorkloads(example(name), cluster).map((object) => stringify(object, { lineWidth: 0 }));
    await expect(text.join('---\n')).toMatchFileSnapshot(`golden/nano-${name}.yaml`);
  });

  it('plans samplers for a run that asks for them, as the golden file says', async () => {
    const spec = '{base: {builtin: nano-judge}, data: [{name: d, builtin: nanobench}], stages: {metaRM: {}}, rollouts: {replicas: 2, threads: 3}}';
    const run = resource(`apiVersion: grm.dev/v1alpha1\nkind: GRMTrainingRun\nmetadata: {name: nano, namespace: team-a}\nspec: ${spec}`);
    const [, , samplers, ...others] = planWorkloads(run, cluster);
    expect(others).toEqual([]);
    await expect(stringify(samplers, { lineWidth: 0 })).toMatchFileSnapshot('golden/rollout-samplers.yaml');
  });

  it("keeps a run's samplers apart from those of a service of the same name", () => {
    const run = resource('apiVersion: grm.dev/v1alpha1\nkind: GRMTrainingRun\nmetadata: {name: nano, namespace: team-a}\nspec: {base: {builtin: b}, data: [{name: d, builtin: nanobench}], stages: {metaRM: {}}, rollouts: {replicas: 1}}');
    const deployments = [run, service('nano', '{model: {builtin: nano-judge}}'), service('nano-rollout', '{model: {builtin: nano-judge}}')].flatMap((of) => planWorkloads(of, cluster).filter((object) => object.kind === 'Deployment'));
    const [rollouts, sampler] = deployments;
    expect(new Set(deployments.map(({ metadata }) => metadata.name)).size).toBe(deployments.length);
    expect(sampler?.spec.template.metadata.labels).not.toMatchObject(rollouts?.spec.selector.matchLabels ?? {});
    expect(rollouts?.spec.template.metadata.labels).not.toMatchObject(sampler?.spec.selector.matchLabels ?? {});
  });

  it('plans no meta RM where the vote asks for none', () => {
    const objects = planWorkloads(service('plain', '{model: {builtin: nano-judge}}'), cluster);
    expect(objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
      'Deployment grm-plain-sampler',
      'Service grm-plain-sampler',
      'Deployment grm-plain-voter',
      'Service grm-plain-voter',
    ]);
  });

  it('gives every worker the cores that its threads and concurrency keep busy', () => {
    const spec = '{model: {volume: {path: m}}, sampler: {concurrency: 3, engine: {embedded: {threads: 2}}}}';
    const [sampler] = planWorkloads(service('wide', spec), cluster) as Deployment[];
    expect(sampler?.spec.template.spec.containers[0]?.resources.requests.cpu).toBe('6');
  });

  it('keeps names within 63 characters and apart', () => {
    const names = ['a', 'b'].flatMap((ending) =>
      planWorkloads(service(`${'x'.repeat(62)}${ending}`, '{model: {builtin: nano-judge}}'), cluster).map(({ kind, metadata }) => `${kind} ${metadata.name}`),
    );
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name.split(' ')[1]).toMatch(/^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/);
  });

  it('selects by labels that its pods carry', () => {
    for (const object of planWorkloads(example('inference-service'), cluster)) {
      if (object.kind !== 'Deployment') continue;
      expect(object.spec.template.metadata.labels).toMatchObject(object.spec.selector.matchLabels);
    }
  });

  it('hands the resolver’s error on', () => {
    const empty: Site = { ...cluster, resolve: () => { throw new Error('no model nano-judge here'); } };
    expect(() => planWorkloads(example('training-run'), empty)).toThrow('no model nano-judge here');
  });
});
