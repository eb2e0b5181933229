import { subjects, type WorkerPresence } from '@grm/protocol';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { expect, it } from 'vitest';
import { isTrue, operatorGround } from '../testing/operator-ground.fixture.ts';

it('follows what waits up, down, to zero and back, and holds while it is not known', async () => {
  await using ground = await operatorGround();
  await using _nodes = await ground.plane.fakeNodes({ count: 2 });
  await ground.createService('judge', { sampler: { autoscaling: { minReplicas: 0, maxReplicas: 6, targetBacklogSeconds: 5, scaleDownStabilizationSeconds: 2, idleSeconds: 2 } } });
  const first = await ground.until('judge', (found) => isTrue(found, 'Ready') && found.status?.rollout?.phase === 'Stable', 'the service to be ready');
  const revision = first.status?.rollout?.serving ?? '';
  const names = subjects({ namespace: ground.namespace, service: 'judge', revision });
  // A sampler that draws four samples a second, one a task.
  const presence: WorkerPresence = { worker: 'test/1', component: 'sampler', revision, busy: 1, samplesPerSecond: 4, samplesPerTask: 1, loadSeconds: 2 };
  ground.connection.subscribe(names.presence, { callback: (_error, message) => void message.respond(JSON.stringify(presence)) });
  const put = async (tasks: number) => {
    for (let task = 0; task < tasks; task++) await jetstream(ground.connection).publish(names.work.sample, '{}');
  };
  await put(81);
  const grown = await ground.until('judge', ({ status }) => status?.sampler?.ready === 5, 'five samplers for 81 samples in 5 s');
  expect(grown.status?.scaling).toMatchObject({ backlog: 81, samplesPerSecond: 4, wanted: 5 });
  expect(grown.status?.scaling?.history?.some(({ to, reason }) => to === 5 && reason === 'BacklogAboveTarget')).toBe(true);
  expect(grown.status?.sampler).toMatchObject({ samplesPerSecond: 4, loadSeconds: 2 });

  await ground.nats.stop();
  await ground.until('judge', ({ status }) => status?.conditions?.find(({ type }) => type === 'ScalingActive')?.reason === 'BacklogUnknown', 'the backlog to be unknown');
  expect((await ground.service('judge')).status?.sampler?.replicas).toBe(5);
  await ground.nats.start();
  await ground.until('judge', ({ status }) => status?.conditions?.find(({ type }) => type === 'ScalingActive')?.reason === 'Following', 'the backlog to be known again', 60_000);

  await (await jetstreamManager(ground.connection)).streams.purge(names.work.stream);
  await ground.until('judge', ({ status }) => status?.sampler?.replicas === 0, 'no sampler at all', 60_000);
  const asleep = await ground.service('judge');
  expect(asleep.status?.conditions?.find(({ type }) => type === 'SamplerReady')).toMatchObject({ status: 'True', reason: 'ScaledToZero' });
  await put(1);
  await ground.until('judge', ({ status }) => status?.sampler?.replicas === 1 && status.sampler.ready === 1, 'one sampler for one sample');
  expect((await ground.service('judge')).status?.scaling?.history?.[0]).toMatchObject({ from: 0, to: 1, reason: 'WakesUp' });
}, 240_000);
