import { readdirSync, readFileSync } from 'node:fs';
import { ApiError } from '@grm/controller-runtime';
import { type PlaneAccess, sharedControlPlane, waitUntil } from '@grm/controller-runtime/testing';
import { parseResource } from '@grm/resources';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { arbitrarySpec, chartCrds, type GrmKind, type GrmObject, grmTypes, installCrds, repositoryFile, ruleCases, rulesOf, smallRun, smallService } from '../support/index.ts';

let plane: PlaneAccess;
let namespace = '';
beforeAll(async () => {
  plane = await sharedControlPlane();
  await installCrds(plane);
  namespace = await plane.createNamespace('crds');
});
afterAll(async () => {
  await plane.kubectl(['delete', 'namespace', namespace, '--wait=false']);
  await plane[Symbol.asyncDispose]();
});

const small = { GRMTrainingRun: smallRun, GRMInferenceService: smallService };
const manifest = (kind: GrmKind, name: string, spec: unknown): GrmObject => ({ apiVersion: 'grm.dev/v1alpha1', kind, metadata: { name, namespace }, spec });
const tried = (kind: GrmKind, spec: unknown, name = 'tried'): Promise<GrmObject> => plane.client.apply(grmTypes[kind], manifest(kind, name, spec), { dryRun: true });

/** What the API server holds against a request, the field of every cause and what it says; nothing where it accepts. */
async function faultsOf(request: Promise<unknown>): Promise<string[]> {
  try {
    await request;
    return [];
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 422) throw error;
    return error.causes.map(({ field = '', message = '' }) => `${field.replaceAll(/\[\d+\]/gu, '[]').replace('<nil>', '')}: ${message}`);
  }
}

/** A fault of exactly this field that ends with this message; the API server shows the value before it. */
const fault = (at: string, message: string): unknown => expect.toSatisfy((said: string) => said.startsWith(`${at}: `) && said.endsWith(message), `${at}: ${message}`);

it.each(chartCrds.map(({ name }) => name))('%s is served, and its schema is structural', async (name) => {
  const text = await plane.kubectl(['get', 'crd', name, '--output', 'jsonpath={range .status.conditions[*]}{.type}={.status} {end}']);
  expect(text.trim().split(' ').toSorted()).toEqual(['Established=True', 'NamesAccepted=True']);
});

const nameMessage = 'metadata.name is at most 63 lower-case letters, digits and "-", starting and ending with a letter or digit';
const trained = 'a run that has started keeps base, model, data, stages, template, principles, referenceGuided, seed: delete it and apply it anew, or give it another name';
const placed = 'a run that has started keeps storage and queueName';
const settled = 'a finished run keeps its spec but for ttlSecondsAfterFinished: delete it and apply it anew, or give it another name';

describe('a rule of a spec', () => {
  it.each(ruleCases)('$kind $at: $message', async ({ kind, at, message, accepted, refused }) => {
    expect(await faultsOf(tried(kind, accepted))).toEqual([]);
    for (const spec of refused) expect(await faultsOf(tried(kind, spec))).toEqual([fault(at, message)]);
  });

  it.each(chartCrds)('of $kind is tried here, each of them', ({ kind, schema }) => {
    const here = ruleCases.filter((rule) => rule.kind === kind).map(({ at, message }) => `${at}: ${message}`);
    const elsewhere = [nameMessage, ...(kind === 'GRMTrainingRun' ? [trained, settled, placed] : [])].map((message) => `: ${message}`);
    expect([...here, ...elsewhere].toSorted()).toEqual(rulesOf(schema).toSorted());
  });
});

it.each(chartCrds)('a $kind has a name that a NATS subject can carry', async ({ kind }) => {
  for (const name of ['a', '7', 'nano-judge-2', 'x'.repeat(63)]) expect(await faultsOf(tried(kind, small[kind], name))).toEqual([]);
  for (const name of ['nano.judge', 'x'.repeat(64)]) expect(await faultsOf(tried(kind, small[kind], name))).toEqual([fault('', nameMessage)]);
});

/** A change of every field that a run is trained by, and what it is refused with once the run has started. */
const trainedChanges: readonly object[] = [
  { base: { builtin: 'nano-base' } },
  { base: null, model: { hiddenSize: 128, layers: 4, heads: 4, intermediateSize: 352, vocabularySize: 1200 }, stages: { pretrain: { corpus: { builtin: 'nanobench' }, tokens: 10 } } },
  { data: [{ name: 'others', builtin: 'nanobench' }] },
  { stages: { metaRM: { items: 7 } } },
  { stages: { grpo: {} } },
  { template: 'Published' },
  { principles: false },
  { referenceGuided: true },
  { seed: 2 },
];
const placedChanges: readonly object[] = [{ storage: { size: '20Gi' } }, { queueName: 'research' }];
const freeChanges: readonly object[] = [
  { checkpoint: { everySteps: 7 } },
  { artifacts: { to: { objectStore: { bucket: 'models' } } } },
  { engine: { embedded: { threads: 4 } } },
  { rollouts: { replicas: 2 } },
  { nodePool: { gpuProduct: 'NVIDIA-A100-SXM4-80GB', gpusPerNode: 1 } },
  { resources: { requests: { cpu: '2' } } },
  { suspend: true },
  { backoffLimit: 1 },
  { activeDeadlineSeconds: 60 },
  { heartbeatDeadlineSeconds: 60 },
  { suspendDeadlineSeconds: 60 },
];

describe('a run', () => {
  const now = new Date().toISOString();
  const runs = grmTypes.GRMTrainingRun;
  const change = (name: string, patch: object) => plane.client.patch(runs, { namespace, name }, patch, { type: 'merge' });
  const made = async (name: string, status: object) => {
    await plane.client.create(runs, manifest('GRMTrainingRun', name, smallRun));
    await plane.client.patch(runs, { namespace, name }, { status }, { type: 'merge', subresource: 'status' });
  };

  it('that has not started may become any other', async () => {
    await made('waiting', { phase: 'Pending' });
    for (const spec of [...trainedChanges, ...placedChanges, ...freeChanges]) expect(await faultsOf(change('waiting', { spec }))).toEqual([]);
  });

  it('that has started keeps what it is trained from and where it lies, not how it is carried out', async () => {
    await made('started', { startedAt: now });
    for (const spec of trainedChanges) expect(await faultsOf(change('started', { spec }))).toEqual([fault('', trained)]);
    for (const spec of placedChanges) expect(await faultsOf(change('started', { spec }))).toEqual([fault('', placed)]);
    for (const spec of [...freeChanges, { ttlSecondsAfterFinished: 60 }]) expect(await faultsOf(change('started', { spec }))).toEqual([]);
    expect(await faultsOf(change('started', { metadata: { labels: { team: 'search' } } }))).toEqual([]);
  });

  it.each(['Complete', 'Failed'])('that is %s keeps its spec but for the time that it is kept itself', async (type) => {
    const name = type.toLowerCase();
    await made(name, { startedAt: now, finishedAt: now, conditions: [{ type, status: 'True', reason: 'Ended', message: '', lastTransitionTime: now }] });
    for (const spec of [...trainedChanges, ...placedChanges, ...freeChanges]) expect(await faultsOf(change(name, { spec }))).toContainEqual(fault('', settled));
    expect(await faultsOf(change(name, { spec: { ttlSecondsAfterFinished: 60 } }))).toEqual([]);
    expect(await faultsOf(change(name, { metadata: { labels: { team: 'search' }, annotations: { note: 'keep' } } }))).toEqual([]);
    expect(await plane.client.get(runs, { namespace, name })).toMatchObject({ metadata: { labels: { team: 'search' } }, spec: { ttlSecondsAfterFinished: 60, seed: 1 } });
  });
});

const runs = 50;

describe.each(chartCrds)('what the schema of a $kind allows', ({ kind }) => {
  const specs = arbitrarySpec(kind);
  const parsed = ({ apiVersion, metadata: { name }, spec }: GrmObject) => parseResource({ apiVersion, kind, metadata: { name, namespace }, spec }, 'cluster');
  const declared = (spec: unknown) => parsed(manifest(kind, 'tried', spec));

  it('means the same with and without the defaults of the API server', async () => {
    const valid = specs.filter((spec) => declared(spec).ok);
    const meansTheSame = fc.asyncProperty(valid, async (spec) => {
      expect(parsed(await tried(kind, spec))).toEqual(declared(spec));
    });
    await fc.assert(meansTheSame, { numRuns: runs });
  });

  it('is refused by the API server exactly where the operator could not read it', async () => {
    const isJudgedAlike = fc.asyncProperty(specs, async (spec) => {
      expect((await faultsOf(tried(kind, spec))).length === 0).toBe(declared(spec).ok);
    });
    await fc.assert(isJudgedAlike, { numRuns: runs });
  });
});

describe('kubectl', () => {
  const create = (kind: GrmKind, spec: unknown, name = 'strict') => plane.kubectl(['create', '--dry-run=server', '--validate=strict', '--filename', '-'], { stdin: JSON.stringify(manifest(kind, name, spec)) });

  it.each<[string, GrmKind, object, string]>([
    ['a field that nothing knows', 'GRMTrainingRun', { ...smallRun, learningRate: 1 }, 'unknown field "spec.learningRate"'],
    ['a misspelt field of a stage', 'GRMTrainingRun', { ...smallRun, stages: { metaRM: { item: 1 } } }, 'unknown field "spec.stages.metaRM.item"'],
    ['an engine that only a plan knows', 'GRMTrainingRun', { ...smallRun, engine: { distributed: { nodes: 16 } } }, 'unknown field "spec.engine.distributed"'],
    ['an engine of a service that nothing carries out', 'GRMInferenceService', { ...smallService, sampler: { engine: { distributed: {} } } }, 'unknown field "spec.sampler.engine.distributed"'],
  ])('is refused %s', async (_, kind, spec, message) => {
    expect(await create(kind, small[kind])).toContain('created');
    await expect(create(kind, spec)).rejects.toThrow(message);
  });

  const examples = readdirSync(repositoryFile('examples'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.yaml') && !file.startsWith('deepseek-') && !file.startsWith('production/')).map((file) => `examples/${file}`);
  it.each(examples)('may apply %s', async (file) => {
    const resources = readFileSync(repositoryFile(file), 'utf8').match(/^kind: /gmu) ?? [];
    const answer = await plane.kubectl(['apply', '--dry-run=server', '--validate=strict', '--namespace', namespace, '--filename', repositoryFile(file)]);
    expect(answer.trim().split('\n')).toEqual(resources.map(() => expect.stringMatching(/created \(server dry run\)$/u)));
  });

  it('explains the fields', async () => {
    const text = await waitUntil(() => plane.kubectl(['explain', 'grmrun.spec.stages.grpo']), { what: 'the schemas to be published' });
    expect(text).toContain('Rule-based online reinforcement learning');
    expect(text).toMatch(/klCoefficient\s+<number>\s+Beta, the weight of the KL to the model that the stage starts from\./u);
    expect(await plane.kubectl(['explain', 'grmsvc.spec.rollout.gate.minAgreement'])).toContain('Share on which the candidate has to choose as the serving revision does.');
  });

  it('scales the samplers of a service, and not those that follow the backlog', async () => {
    const services = grmTypes.GRMInferenceService;
    const scale = (name: string) => plane.kubectl(['scale', `grmsvc/${name}`, '--replicas=4', '--namespace', namespace]);
    await plane.client.create(services, manifest('GRMInferenceService', 'scaled', smallService));
    await plane.client.create(services, manifest('GRMInferenceService', 'following', { ...smallService, sampler: { autoscaling: { maxReplicas: 8 } } }));
    expect(await scale('scaled')).toContain('scaled');
    expect(await plane.client.get(services, { namespace, name: 'scaled' })).toMatchObject({ spec: { sampler: { replicas: 4 } } });
    await expect(scale('following')).rejects.toThrow('replicas and autoscaling both say how many; remove one of them');
  });

  it('shows in columns how far they are', async () => {
    const now = new Date().toISOString();
    await plane.client.create(grmTypes.GRMTrainingRun, manifest('GRMTrainingRun', 'shown', smallRun));
    await plane.client.create(grmTypes.GRMInferenceService, manifest('GRMInferenceService', 'shown', smallService));
    const checkpoint = { stage: 'metaRM', step: 50, time: now, uri: 'file:///run', digest: 'sha256:0', verified: true };
    const ready = { type: 'Ready', status: 'True', reason: 'Serving', message: '', lastTransitionTime: now };
    const status = {
      GRMTrainingRun: { phase: 'Running', stage: 'metaRM', progress: '12/60', checkpoint, accuracy: '0.812 vote@8', trainer: { pod: 'trainer-x' } },
      GRMInferenceService: { conditions: [ready], model: { name: 'nano-judge', uri: 'builtin://nano-judge' }, rollout: { phase: 'Stable', serving: 'r0123abcd' }, sampler: { replicas: 3, ready: 2, updated: 2 }, scaling: { backlog: 17 } },
    };
    for (const { kind } of chartCrds) await plane.client.patch(grmTypes[kind], { namespace, name: 'shown' }, { status: status[kind] }, { type: 'merge', subresource: 'status' });
    const text = await plane.kubectl(['get', 'grmrun,grmsvc', '--namespace', namespace, '--field-selector', 'metadata.name=shown']);
    expect(text).toMatch(/NAME\s+PHASE\s+STAGE\s+STEP\s+CHECKPOINT\s+ACCURACY\s+AGE\n\S+shown\s+Running\s+metaRM\s+12\/60\s+50\s+0\.812 vote@8\s+\d+s\n/u);
    expect(text).toMatch(/NAME\s+READY\s+REASON\s+MODEL\s+SERVING\s+SAMPLERS\s+WANTED\s+BACKLOG\s+AGE\n\S+shown\s+True\s+Serving\s+nano-judge\s+r0123abcd\s+2\s+3\s+17\s+\d+s\n/u);
    expect(await plane.kubectl(['get', 'grmrun', 'shown', '--namespace', namespace, '--output', 'wide'])).toContain('trainer-x');
    expect(await plane.kubectl(['get', 'grm', '--namespace', namespace, '--output', 'name'])).toContain('grminferenceservice.grm.dev/shown');
  });
});
