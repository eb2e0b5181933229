import { subjects } from '@grm/protocol';
import { jetstreamManager } from '@nats-io/jetstream';
import { expect, it } from 'vitest';
import { isTrue, operatorGround } from '../testing/operator-ground.fixture.ts';
import { inferenceServices } from './inference-service-object.ts';

it('leaves nothing, in the cluster or in NATS', async () => {
  await using ground = await operatorGround();
  await using _nodes = await ground.plane.fakeNodes({ count: 1 });
  await ground.createService('judge');
  await ground.until('judge', (found) => isTrue(found, 'Ready'), 'the service to be ready');
  await ground.plane.kubectl(['delete', 'grmsvc/judge', '-n', ground.namespace, '--timeout=30s']);
  const streams: string[] = [];
  for await (const { config } of (await jetstreamManager(ground.connection)).streams.list()) streams.push(config.name);
  expect(streams).not.toContain(subjects({ namespace: ground.namespace, service: 'judge' }).work.stream);
  // The garbage collector looks for new kinds of owners twice a minute.
  await expect.poll(() => ground.plane.kubectl(['get', 'deploy,po,svc,sa,pdb,netpol,job', '-n', ground.namespace, '-l', 'app.kubernetes.io/instance=judge', '-o', 'name']), { timeout: 90_000 }).toBe('');
}, 180_000);

it('releases its GPUs while NATS is away, says what it waits for, and goes by force at once', async () => {
  await using ground = await operatorGround();
  await using _nodes = await ground.plane.fakeNodes({ count: 1 });
  await ground.createService('judge');
  await ground.until('judge', (found) => isTrue(found, 'Ready'), 'the service to be ready');
  await ground.nats.stop();
  await ground.admin.delete(inferenceServices, { namespace: ground.namespace, name: 'judge' });
  await ground.until('judge', ({ status }) => status?.conditions?.some(({ type, reason }) => type === 'DeletionBlocked' && reason === 'CleaningUpNats') ?? false, 'the deletion to say what it waits for');
  expect(await ground.pods('judge')).toEqual([]);
  await ground.plane.kubectl(['annotate', 'grmsvc/judge', 'grm.dev/force-delete=true', '-n', ground.namespace]);
  await ground.gone(inferenceServices, 'judge');
}, 120_000);
