import { readFileSync } from 'node:fs';
import { type GRMResource, parseManifests } from '@grm/resources';
import { planWorkloads, type Site } from '@grm/workloads';
import { describe, expect, it } from 'vitest';
import { HTTP_PORT, type ProcessSpec } from './process-spec.ts';
import { processesOf } from './processes-of.ts';

const site: Site = {
  image: 'local',
  natsUrl: 'nats://127.0.0.1:4222',
  logLevel: 'info',
  resolve: (reference) => ({ path: `/here/${reference.kind}` }),
  runFolder: ({ name }) => ({ path: `/runs/${name}` }),
};

function processesFor(resource: GRMResource): ProcessSpec[] {
  return processesOf(planWorkloads(resource, site), { owner: 'owner', programs: '/programs', config: '/config', node: '/bin/node' });
}

function example(name: string): GRMResource {
  const [resource] = parseManifests(readFileSync(new URL(`../../../../examples/nano/${name}.yaml`, import.meta.url), 'utf8'), name);
  if (resource === undefined) throw new Error('no resource');
  return resource;
}

describe('processesOf', () => {
  it('makes one process a replica, each with a name and a port of its own', () => {
    const processes = processesFor(example('inference-service'));
    expect(processes.map(({ name }) => name)).toEqual(['nano-sampler-0', 'nano-sampler-1', 'nano-meta-rm-0', 'nano-voter-0']);
    for (const { environment, restart } of processes) {
      expect(environment).toMatchObject({ GRM_HTTP_HOST: '127.0.0.1', GRM_HTTP_PORT: HTTP_PORT, GRM_NATS_URL: 'nats://127.0.0.1:4222' });
      expect(restart).toEqual({ policy: 'Always' });
    }
  });

  it('runs the container’s command with this node, in the folder of the programs', () => {
    const [sampler] = processesFor(example('inference-service'));
    expect(sampler).toMatchObject({ command: ['/bin/node', 'apps/sampler/dist/main.js'], folder: '/programs', graceMs: 70_000 });
  });

  it('takes the probes as health checks', () => {
    const [sampler] = processesFor(example('inference-service'));
    expect(sampler?.health).toEqual({ readyPath: '/readyz', alivePath: '/healthz', startTimeoutMs: 600_000, periodMs: 5_000, readyFailures: 3, aliveFailures: 6 });
  });

  it('writes a run’s ConfigMap to a folder, and points the environment there', () => {
    const [trainer] = processesFor(example('training-run'));
    expect(trainer?.environment['GRM_RUN']).toBe('/config/default/grm-nano-trainer/run.json');
    expect(trainer?.environment['GRM_RUN_FOLDER']).toBe('/runs/nano');
    expect(trainer?.files.map(({ path }) => path)).toEqual(['/config/default/grm-nano-trainer/run.json']);
    expect(JSON.parse(trainer?.files[0]?.content ?? '')).toMatchObject({ spec: { base: { volume: { path: '/here/builtin' } } } });
    expect(trainer?.restart).toEqual({ policy: 'OnFailure', retries: 3 });
  });

  it('tells namespaces apart in names', () => {
    const resource = example('training-run');
    const [trainer] = processesFor({ ...resource, metadata: { ...resource.metadata, namespace: 'team-a' } });
    expect(trainer?.name).toBe('team-a.nano-trainer');
  });

  it('lets a sampler ask a server that is there already, with the tokenizer of its model', () => {
    const engine = { openAI: { dialect: 'LlamaCpp', url: 'http://127.0.0.1:8080', servedModelName: 'judge', maxWaiting: 2 } };
    const [resource] = parseManifests(JSON.stringify({ apiVersion: 'grm.dev/v1alpha1', kind: 'GRMInferenceService', metadata: { name: 'big' }, spec: { model: { volume: { path: 'judge.gguf' } }, template: 'Published', sampler: { concurrency: 4, engine } } }), 'test');
    if (resource === undefined) throw new Error('no resource');
    const [sampler, ...others] = processesFor(resource);
    expect(others.map(({ name }) => name)).toEqual(['big-voter-0']);
    expect(sampler?.environment).toMatchObject({ GRM_ENGINE: 'openai', GRM_SERVER_URL: 'http://127.0.0.1:8080', GRM_SERVER_DIALECT: 'LlamaCpp', GRM_SERVER_MODEL: 'judge', GRM_SERVER_MAX_CONCURRENT: '64', GRM_SERVER_MAX_WAITING: '2', GRM_MODEL: '/here/volume', GRM_CONCURRENCY: '4' });
  });
});
