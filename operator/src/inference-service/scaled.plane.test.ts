import { expect, it } from 'vitest';
import { componentOf } from './facts/revision-facts.ts';
import { isTrue, operatorGround } from '../testing/operator-ground.fixture.ts';

const samplers = async (ground: Awaited<ReturnType<typeof operatorGround>>) => (await ground.deployments('judge')).find((deployment) => componentOf(deployment) === 'sampler');

it('follows kubectl scale, and says how many it has', async () => {
  await using ground = await operatorGround();
  await using _nodes = await ground.plane.fakeNodes({ count: 2 });
  await ground.createService('judge');
  await ground.until('judge', (found) => found.status?.sampler?.ready === 1, 'one sampler');
  await ground.plane.kubectl(['scale', 'grmsvc/judge', '--replicas=4', '-n', ground.namespace]);
  await ground.until('judge', (found) => found.status?.sampler?.ready === 4, 'four samplers');
  expect(await ground.plane.kubectl(['get', 'grmsvc/judge', '-n', ground.namespace, '-o', 'jsonpath={.status.sampler.selector}'])).toContain('app.kubernetes.io/component=sampler');
  await ground.plane.kubectl(['scale', 'grmsvc/judge', '--replicas=2', '-n', ground.namespace]);
  await ground.until('judge', (found) => found.status?.sampler?.replicas === 2 && found.status.sampler.ready === 2, 'two samplers');
  expect((await ground.service('judge')).status?.rollout).toMatchObject({ phase: 'Stable' });
}, 120_000);

it('never writes replicas that somebody else has set, and says who', async () => {
  await using ground = await operatorGround();
  await using _nodes = await ground.plane.fakeNodes({ count: 2 });
  await ground.createService('judge', { sampler: { replicas: 2 } });
  await ground.until('judge', (found) => isTrue(found, 'Ready'), 'the service to be ready');
  const name = (await samplers(ground))?.metadata.name ?? '';
  await ground.plane.kubectl(['scale', `deployment/${name}`, '--replicas=3', '-n', ground.namespace]);
  const held = await ground.until('judge', ({ status }) => status?.conditions?.some(({ reason }) => reason === 'ReplicasOwnedElsewhere') ?? false, 'the conflict to be told');
  expect(held.status?.conditions?.find(({ type }) => type === 'ScalingActive')?.message).toMatch(/kubectl has set \.spec\.replicas of Deployment grm-judge-sampler-\w+; scale the GRMInferenceService instead/);
  await ground.changeService('judge', { sampler: { engine: { embedded: { threads: 2 } } } });
  // Everything else is still the operator's to say, and three stay three.
  await ground.until('judge', ({ status, metadata }) => status?.observedGeneration === metadata.generation && status?.sampler?.ready === 3, 'the change with three replicas');
  expect((await samplers(ground))?.spec?.replicas).toBe(3);
}, 120_000);

it('leaves a field that somebody else has set, and says so', async () => {
  await using ground = await operatorGround();
  await using _nodes = await ground.plane.fakeNodes({ count: 1 });
  await ground.createService('judge');
  await ground.until('judge', (found) => isTrue(found, 'Ready'), 'the service to be ready');
  await ground.plane.kubectl(['set', 'image', 'deployment/grm-judge-voter', 'voter=mine:1', '-n', ground.namespace]);
  const told = await ground.until('judge', ({ status }) => status?.conditions?.some(({ reason }) => reason === 'FieldConflict') ?? false, 'the conflict to be told');
  expect(told.status?.conditions?.find(({ type }) => type === 'VoterReady')).toMatchObject({ status: 'False', message: expect.stringMatching(/^kubectl-set has set .*image of Deployment grm-judge-voter; undo the change/) });
  expect((await ground.deployments('judge')).find((deployment) => componentOf(deployment) === 'voter')).toMatchObject({ spec: { template: { spec: { containers: [{ image: 'mine:1' }] } } } });
}, 120_000);
