import { subjects } from '@grm/protocol';
import { putGateReport } from '@grm/service-kit';
import { jetstreamManager } from '@nats-io/jetstream';
import { expect, it } from 'vitest';
import { waitUntil } from '@grm/controller-runtime/testing';
import { jobs } from '../kubernetes/live-job.ts';
import { isTrue, operatorGround } from '../testing/operator-ground.fixture.ts';
import { componentOf, servingOf } from './facts/revision-facts.ts';

type Ground = Awaited<ReturnType<typeof operatorGround>>;

const consumersOf = async ({ connection, namespace }: Ground): Promise<string[]> => {
  const manager = await jetstreamManager(connection);
  const names: string[] = [];
  for await (const { name } of manager.consumers.list(subjects({ namespace, service: 'judge' }).work.stream)) names.push(name);
  return names.toSorted();
};

async function served(ground: Ground, spec: object): Promise<string> {
  await ground.createService('judge', spec);
  const service = await ground.until('judge', (found) => isTrue(found, 'Ready') && found.status?.rollout?.phase === 'Stable', 'the first revision to serve');
  return service.status?.rollout?.serving ?? '';
}

it('replaces the model revision by revision in place, and leaves nothing of the one before', async () => {
  await using ground = await operatorGround();
  await using _nodes = await ground.plane.fakeNodes({ count: 2 });
  const first = await served(ground, { sampler: { replicas: 3 } });
  expect(await consumersOf(ground)).toEqual([`meta-rm-${first}`, `sampler-${first}`]);
  let most = 0;
  await ground.changeService('judge', { model: { builtin: 'nano-base' } });
  const settled = await waitUntil(
    async () => {
      most = Math.max(most, (await ground.pods('judge', 'sampler')).length);
      const service = await ground.service('judge');
      const { rollout } = service.status ?? {};
      return rollout?.phase === 'Stable' && rollout.serving !== first && service.status?.sampler?.ready === 3 ? service : undefined;
    },
    { what: 'the second revision to serve alone', withinMs: 60_000 },
  );
  const second = settled.status?.rollout?.serving ?? '';
  expect(most).toBeLessThanOrEqual(3);
  expect(settled.status).toMatchObject({ model: { name: 'nano-base', revision: second }, rollout: { history: [{ revision: second, outcome: 'Promoted' }, { revision: first, outcome: 'Promoted' }] } });
  expect((await ground.deployments('judge')).map(({ metadata }) => metadata.name).toSorted()).toEqual([`grm-judge-sampler-${second}`, 'grm-judge-voter']);
  await expect.poll(() => consumersOf(ground), { timeout: 10_000 }).toEqual([`meta-rm-${second}`, `sampler-${second}`]);
  expect(await ground.eventsOf('judge')).toEqual(expect.arrayContaining(['RolloutStarted', 'Promoted', 'Ready']));
}, 180_000);

it('lets a candidate serve when its gate passes, and gives it up when it does not', async () => {
  await using ground = await operatorGround();
  await using _nodes = await ground.plane.fakeNodes({ count: 2 });
  const gate = { suite: 'nanobench', items: 20, minAccuracy: 0.7, minAgreement: 0.9 };
  await ground.createService('judge', { rollout: { gate } });
  const address = { namespace: ground.namespace, service: 'judge' };
  const report = { suite: 'nanobench', items: 20, accuracy: 0.85, low: 0.7, high: 0.95, picks: [], seed: 1, judgedAt: new Date().toISOString() };
  const gated = async (but?: string) =>
    (await ground.until('judge', ({ status }) => status?.rollout?.phase === 'Gating' && status.rollout.candidate !== but, 'a candidate before its gate')).status?.rollout?.candidate ?? '';

  const first = await gated();
  const job = await ground.admin.get(jobs, { namespace: ground.namespace, name: `grm-judge-gate-${first}` });
  expect(JSON.stringify(job.spec)).toContain('"--items","20"');
  expect((await ground.deployments('judge')).some((deployment) => componentOf(deployment) === 'candidate' && servingOf(deployment) === first)).toBe(true);
  expect(isTrue(await ground.service('judge'), 'Ready')).toBe(false);
  await putGateReport(ground.connection, { ...address, revision: first }, report);
  await ground.until('judge', (found) => isTrue(found, 'Ready') && found.status?.rollout?.serving === first, 'the first revision to serve');

  await ground.changeService('judge', { model: { builtin: 'nano-base' } });
  const second = await gated(first);
  await putGateReport(ground.connection, { ...address, revision: second }, { ...report, agreement: { with: first, value: 0.5, items: 20 } });
  const refused = await ground.until('judge', ({ status }) => status?.rollout?.failed?.revision === second && status.rollout.phase === 'Stable', 'the candidate to be given up');
  expect(refused.status).toMatchObject({ rollout: { serving: first, failed: { reason: 'GateFailed', message: expect.stringContaining('50.0 % as') }, hold: { reason: 'GateFailed' } } });
  expect(isTrue(refused, 'Ready')).toBe(true);
  expect(isTrue(refused, 'Promoted')).toBe(false);
  expect((await ground.deployments('judge')).map(({ metadata }) => metadata.name).toSorted()).toEqual([`grm-judge-sampler-${first}`, 'grm-judge-voter']);

  // Other settings give it another try.
  await ground.changeService('judge', { rollout: { gate: { ...gate, minAgreement: 0.4 } } });
  expect(await gated()).toBe(second);
  await putGateReport(ground.connection, { ...address, revision: second }, { ...report, agreement: { with: first, value: 0.5, items: 20 } });
  await ground.until('judge', ({ status }) => status?.rollout?.serving === second && status.rollout.phase === 'Stable', 'the candidate to serve after all');
}, 180_000);

it('rolls back a candidate that crashes, while the one before serves', async () => {
  await using ground = await operatorGround();
  await using _nodes = await ground.plane.fakeNodes({ count: 2 });
  const first = await served(ground, { sampler: { replicas: 2 }, rollout: { progressDeadlineSeconds: 3 } });
  await using _crashes = await ground.plane.podsBehave({ namespace: ground.namespace, labels: { 'app.kubernetes.io/component': 'sampler' } }, { kind: 'crash-loop-back-off', exitCode: 3 });
  await ground.changeService('judge', { model: { builtin: 'nano-base' } });
  const back = await ground.until('judge', ({ status }) => status?.rollout?.failed !== undefined, 'the candidate to be given up');
  expect(back.status?.rollout).toMatchObject({ serving: first, failed: { reason: 'CrashLoop', message: expect.stringContaining('exit code 3') } });
  expect(isTrue(back, 'Ready')).toBe(true);
  expect(back.status?.lastFailure).toMatchObject({ exitCode: 3 });
}, 180_000);

it('holds for GPUs and says so, and goes on when there are some', async () => {
  await using ground = await operatorGround();
  const gpuProduct = `TEST-${ground.namespace}`;
  await using _cpus = await ground.plane.fakeNodes({ count: 1 });
  await using _gpus = await ground.plane.fakeNodes({ count: 1, gpus: 1, gpuProduct });
  const first = await served(ground, { sampler: { replicas: 1, nodePool: { gpuProduct, gpus: 1 } } });
  await ground.changeService('judge', { model: { builtin: 'nano-base' } });
  const held = await ground.until('judge', ({ status }) => status?.rollout?.hold?.reason === 'InsufficientGPU', 'the roll-out to be held');
  expect(held.status?.rollout).toMatchObject({ phase: 'Starting', serving: first, hold: { message: expect.stringContaining('nvidia.com/gpu') } });
  // The last one that serves is never taken down for it.
  expect(isTrue(held, 'Ready')).toBe(true);
  await using _more = await ground.plane.fakeNodes({ count: 1, gpus: 1, gpuProduct });
  await ground.until('judge', ({ status }) => status?.rollout?.phase === 'Stable' && status.rollout.serving !== first, 'the roll-out to end', 60_000);
}, 180_000);
