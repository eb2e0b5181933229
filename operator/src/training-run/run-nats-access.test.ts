import { connectNats } from '@grm/service-kit';
import { startNatsServer } from '@grm/service-kit/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import { expect, it } from 'vitest';
import type { ComponentUser } from '../nats/users/component-user.ts';
import { runNatsAccess } from './run-nats-access.ts';
import type { TrainingRunObject } from './training-run-object.ts';

const run = (spec: object, metadata: object = {}): TrainingRunObject => ({
  apiVersion: 'grm.dev/v1alpha1',
  kind: 'GRMTrainingRun',
  metadata: { namespace: 'team', name: 'nano', uid: 'u1', ...metadata },
  spec: { base: { builtin: 'nano-base' }, data: [{ name: 'pairs', builtin: 'nanobench' }], stages: { rft: {} }, ...spec },
});
const checkpoints = { checkpoint: { to: { objectStore: { bucket: 'team-checkpoints' } } } };

function ground(connection?: Awaited<ReturnType<typeof connectNats>>) {
  const issued: ComponentUser[][] = [];
  const ensure = runNatsAccess({ link: { connection }, site: { artifactsBucket: 'grm-models' }, users: { ensure: async (_owner, _resource, users) => void issued.push([...users]) } });
  return { issued, ensure };
}

it('makes the bucket that a trainer may write to, and not make, once a connection', async () => {
  await using server = await startNatsServer();
  const connection = await connectNats({ servers: [server.url], name: 'operator' });
  const { streams } = await jetstreamManager(connection);
  const { ensure, issued } = ground(connection);
  await ensure(run(checkpoints));
  expect((await streams.info('OBJ_team-checkpoints')).config.name).toBe('OBJ_team-checkpoints');
  await streams.delete('OBJ_team-checkpoints');
  await ensure(run(checkpoints));
  await expect(streams.info('OBJ_team-checkpoints')).rejects.toThrow('stream not found');
  expect(issued).toHaveLength(2);
  await connection.close();
});

it.each([
  ['an object store', { objectStore: { bucket: 'bases', key: 'big' } }, ['bases']],
  ['another run', { trainingRun: { name: 'first' } }, ['grm-models']],
  ['a model of the images', { builtin: 'nano-base' }, []],
])('lets a trainer that starts from %s read where that lies, and no more', async (_, base, modelBuckets) => {
  const { ensure, issued } = ground();
  await ensure(run({ base }));
  expect(issued).toMatchObject([[{ component: 'trainer', user: { role: 'trainer', modelBuckets } }]]);
});

it('issues users while NATS is away, and none for a run that goes or is not understood', async () => {
  const { ensure, issued } = ground();
  await ensure(run(checkpoints));
  expect(issued).toHaveLength(1);
  await ensure(run({}, { deletionTimestamp: '2026-01-01T00:00:00Z' }));
  await ensure(run({ stages: 'all' }));
  expect(issued).toHaveLength(1);
});
