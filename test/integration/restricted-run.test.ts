import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { connectJudge } from '@grm/client';
import { waitUntil } from '@grm/controller-runtime/testing';
import { runProgress, RunProgress, runSubjects } from '@grm/protocol';
import { ensureObjectStore, ensureRolloutTopology, ensureRunsBucket, ensureTopology } from '@grm/service-kit';
import { afterAll, describe, expect, it } from 'vitest';
import { grmctl, judgeRequest, repositoryFile, restrictedNats, type ServiceComponent, ServiceProcess, temporaryFolder } from '../support/index.ts';

const run = { namespace: 'team-a', run: 'nano' } as const;
const address = { namespace: 'team-a', service: 'judge' } as const;
const nats = await restrictedNats();
const folder = await temporaryFolder();
const children = new Set<ChildProcess>();
const processes: ServiceProcess[] = [];
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  for (const process of processes) await process[Symbol.asyncDispose]();
  await nats[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

const manifest = (base: string): string => `
apiVersion: grm.dev/v1alpha1
kind: GRMTrainingRun
metadata: {name: ${run.run}, namespace: ${run.namespace}}
spec:
  base: {volume: {path: "${base}"}}
  data: [{name: pairs, builtin: nanobench}]
  stages:
    rft: {items: 12, samplesPerItem: 2, hintedSamplesPerItem: 1, maxTokens: 96, batchSize: 8, steps: 4, learningRate: 1e-4}
    metaRM: {items: 12, samplesPerItem: 2, batchSize: 8, steps: 2}
  checkpoint: {everySteps: 1, keep: 2, to: {objectStore: {bucket: grm-checkpoints}}}
  rollouts: {replicas: 1, threads: 1}
  engine: {embedded: {threads: 1}}
`;

/** Whoever provisions has made everything; nobody else may. */
await ensureRolloutTopology(nats.admin, run);
await ensureTopology(nats.admin, { ...address, limits: { maxPending: 100 } });
await ensureRunsBucket(nats.admin);
for (const bucket of ['grm-models', 'grm-checkpoints']) await ensureObjectStore(nats.admin, bucket, 'of the test');

async function startProcess(component: ServiceComponent, environment: Record<string, string>): Promise<ServiceProcess> {
  const process = ServiceProcess.spawn({ component, environment: { GRM_NATS_URL: nats.server.url, GRM_NAMESPACE: run.namespace, ...environment } });
  processes.push(process);
  await process.ready();
  return process;
}

async function train(runFolder: string, base: string): Promise<{ readonly code: unknown; readonly log: string }> {
  const file = join(folder.path, 'run.yaml');
  await writeFile(file, manifest(base));
  const credentials = await nats.credentials({ role: 'trainer', ...run, modelBuckets: ['grm-models'], artifactsBucket: 'grm-models', checkpointsBucket: 'grm-checkpoints' });
  const environment = {
    ...process.env,
    GRM_RUN: file,
    GRM_RUN_FOLDER: join(folder.path, runFolder),
    GRM_NATS_URL: nats.server.url,
    GRM_NATS_CREDENTIALS: credentials,
    GRM_ARTIFACTS_BUCKET: 'grm-models',
  };
  const child = spawn(process.execPath, [repositoryFile('apps/trainer/dist/main.js')], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  children.add(child);
  const exited = once(child, 'exit');
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code]: unknown[] = await exited;
  children.delete(child);
  return { code, log: `${output}${errors}` };
}

async function progress(): Promise<RunProgress> {
  const { bucket, key } = runProgress(run);
  const reply = await nats.admin.request(`$JS.API.DIRECT.GET.KV_${bucket}.$KV.${bucket}.${key}`);
  return RunProgress.parse(reply.json());
}

describe('a training run with a user that may do what a trainer does and no more', () => {
  it('starts from a model in the object store, has its samplers draw, keeps its checkpoints there, and publishes what it made', async () => {
    const admin = join(folder.path, 'admin.creds');
    await writeFile(admin, nats.adminCredentials);
    const pushed = await grmctl(folder.path, 'model', 'push', repositoryFile('models/nano-judge'), 'nats://grm-models/bases/nano', '--server', nats.server.url, '--creds', admin);
    expect(pushed).toMatchObject({ code: 0 });
    const sampler = await startProcess('sampler', { GRM_RUN_NAME: run.run, GRM_NATS_CREDENTIALS: await nats.credentials({ role: 'rollouts', ...run }) });

    const { code, log } = await train('run', 'nats://grm-models/bases/nano');
    expect({ code, refused: log.match(/NATS reported an error[^"\\]*/g) ?? [] }).toEqual({ code: 0, refused: [] });
    expect(sampler.messages.filter((message) => message.includes('NATS reported an error'))).toEqual([]);
    expect(await sampler.metric('grm_work_tasks_total', { outcome: 'done' })).toBeGreaterThan(0);

    const { phase, artifacts } = await progress();
    expect(phase).toBe('Complete');
    expect(artifacts).toMatchObject({
      policy: { uri: 'nats://grm-models/team-a.nano/policy', digest: expect.stringMatching(/^sha256:/) },
      metaRM: { uri: 'nats://grm-models/team-a.nano/metaRM', digest: expect.stringMatching(/^sha256:/) },
    });
    const { state } = (await nats.admin.request('$JS.API.STREAM.INFO.OBJ_grm-checkpoints')).json<{ state: { last_seq: number } }>();
    expect(state.last_seq).toBeGreaterThan(0);
  });

  it('saves and stops when the operator asks it to, and goes on from its checkpoint', async () => {
    const operator = await nats.connect({ role: 'operator' });
    const training = train('stopped', 'nats://grm-models/bases/nano');
    const answer = await waitUntil(() => operator.request(runSubjects(run).suspend, JSON.stringify({ waitMs: 30_000 }), { timeout: 30_000 }), { what: 'the trainer to hear', withinMs: 30_000 });
    expect(answer.json()).toMatchObject({ phase: 'Suspended' });
    expect((await training).code).toBe(75);
    expect(await train('stopped', 'nats://grm-models/bases/nano')).toMatchObject({ code: 0 });
    expect((await progress()).phase).toBe('Complete');
  });

  it('is served from there: the samplers fetch what the trainer has published, bit for bit, and answers say which it is', async () => {
    const { artifacts } = await progress();
    const { policy, metaRM } = artifacts ?? {};
    const model = (role: 'sampler' | 'meta-rm', of: typeof policy) => nats.credentials({ role, ...address, modelBuckets: ['grm-models'] }).then((credentials) => ({
      GRM_SERVICE: address.service,
      GRM_NATS_CREDENTIALS: credentials,
      GRM_MODEL: `${of?.uri}#${of?.digest}`,
      GRM_MODEL_NAME: 'nano',
      GRM_MODEL_CACHE: join(folder.path, 'cache'),
    }));
    await startProcess('sampler', await model('sampler', policy));
    await startProcess('meta-rm', await model('meta-rm', metaRM));
    await startProcess('voter', { GRM_SERVICE: address.service, GRM_VOTE_META_RM: 'Weight', GRM_MAX_TOKENS: '96', GRM_NATS_CREDENTIALS: await nats.credentials({ role: 'voter', ...address }) });

    const credentials = await nats.credentials({ role: 'client', ...address, name: 'search' });
    await using judge = await connectJudge({ servers: nats.server.url, ...address, credentials });
    const verdict = await judge.judge(judgeRequest(), { timeoutMs: 60_000 });
    expect(verdict.model.name).toContain('nano');
    expect(verdict.model.revision).toContain(policy?.digest);
    const digest = policy?.digest.slice('sha256:'.length) ?? '';
    const [served, trained] = await Promise.all([join('cache', digest), 'stopped/artifacts/policy'].map((path) => readFile(join(folder.path, path, 'model.safetensors'))));
    expect(served).toEqual(trained);
  });

  it('that asks for another model than the one that lies there, or for one that is not there, ends with an error that says so', async () => {
    const credentials = await nats.credentials({ role: 'sampler', ...address, modelBuckets: ['grm-models'] });
    const failing = async (model: string) => {
      const environment = { GRM_NATS_URL: nats.server.url, GRM_NAMESPACE: address.namespace, GRM_SERVICE: address.service, GRM_NATS_CREDENTIALS: credentials, GRM_MODEL: model, GRM_MODEL_CACHE: join(folder.path, 'cache') };
      await using sampler = ServiceProcess.spawn({ component: 'sampler', environment });
      const exit = await sampler.exited;
      return { exit, log: sampler.messages.join('\n') };
    };
    const absent = await failing('nats://grm-models/nobody.nothing/policy');
    expect(absent.exit).toEqual({ code: 1, signal: null });
    expect(absent.log).toContain('cannot start: model nats://grm-models/nobody.nothing/policy: is not in object store grm-models; it holds bases/nano, team-a.nano/metaRM, team-a.nano/policy');
    const other = await failing(`nats://grm-models/team-a.nano/policy#sha256:${'0'.repeat(64)}`);
    expect(other.exit).toEqual({ code: 1, signal: null });
    expect(other.log).toMatch(/what lies there now has revision sha256:[0-9a-f]{64}/);
  });
});
