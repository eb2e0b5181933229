import { startControlPlane } from '@grm/controller-runtime/testing';
import { expect, it } from 'vitest';
import { isTrue, operatorGround } from '../testing/operator-ground.fixture.ts';

it('goes on where it was when the API server was killed and comes back', async () => {
  await using plane = await startControlPlane();
  await using ground = await operatorGround({ plane, environment: { GRM_LEASE_SECONDS: '60' } });
  await using _nodes = await plane.fakeNodes({ count: 1 });
  await ground.createService('judge');
  await ground.until('judge', (found) => isTrue(found, 'Ready'), 'the service to be ready');
  const generations = async () => (await ground.deployments('judge')).map(({ metadata }) => `${metadata.name} ${metadata.generation}`).toSorted();
  const before = await generations();
  await plane.restart('kube-apiserver', 'SIGKILL');
  await ground.changeService('judge', { sampler: { replicas: 3 } });
  await ground.until('judge', ({ status }) => status?.sampler?.replicas === 3, 'the change to be carried out', 90_000);
  // Nothing else was touched on the way.
  expect((await generations()).map((line) => line.replace(/(sampler\S*) \d+/, '$1'))).toEqual(before.map((line) => line.replace(/(sampler\S*) \d+/, '$1')));
}, 240_000);
