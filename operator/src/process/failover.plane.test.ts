import { leases } from '@grm/controller-runtime';
import { expect, it } from 'vitest';
import { isTrue, operatorGround } from '../testing/operator-ground.fixture.ts';

it('two operators never lead at once, and the other takes over when the leader goes', async () => {
  await using ground = await operatorGround({ startOperator: false });
  await using _nodes = await ground.plane.fakeNodes({ count: 1 });
  const first = await ground.start({ GRM_OPERATOR_POD: 'first' });
  const holder = async () => (await ground.admin.get(leases, { namespace: ground.namespace, name: 'grm-operator' })).spec.holderIdentity;
  await expect.poll(() => holder().catch(() => undefined), { timeout: 20_000 }).toBe('first');
  await ground.start({ GRM_OPERATOR_POD: 'second' });
  await ground.createService('judge');
  await ground.until('judge', (found) => isTrue(found, 'Ready'), 'the service to be ready');
  await first.stop();
  await expect.poll(holder, { timeout: 20_000 }).toBe('second');
  await ground.changeService('judge', { sampler: { replicas: 2 } });
  await ground.until('judge', ({ status }) => status?.sampler?.ready === 2, 'the second operator to work');
}, 120_000);

it('an operator of another version leaves children as they are, until their spec changes', async () => {
  await using ground = await operatorGround({ startOperator: false });
  await using _nodes = await ground.plane.fakeNodes({ count: 1 });
  const old = await ground.start({ GRM_SERVICES_IMAGE: 'grm:1' });
  await ground.createService('judge', { sampler: { replicas: 2 } });
  await ground.until('judge', (found) => isTrue(found, 'Ready') && found.status?.rollout?.phase === 'Stable', 'the service to be ready');
  const generations = async () => new Map((await ground.deployments('judge')).map(({ metadata }) => [metadata.name, metadata.generation]));
  const before = await generations();
  await old.stop();
  const upgraded = await ground.start({ GRM_SERVICES_IMAGE: 'grm:2' });
  // It has looked at the service when it has done what else it was asked for.
  await ground.createService('other');
  await ground.until('other', (found) => isTrue(found, 'Ready'), 'the new operator to work');
  expect(await generations()).toEqual(before);
  expect((await ground.service('judge')).status?.image).toBe('grm:1');
  await ground.changeService('judge', { limits: { maxPending: 500 } });
  await ground.until('judge', ({ status, metadata }) => status?.image === 'grm:2' && status.observedGeneration === metadata.generation, 'the new image with the new spec');
  await upgraded.stop();
}, 120_000);

it('what it was not given, it may not do', async () => {
  await using ground = await operatorGround({ startOperator: false });
  const can = async (verb: string, resource: string, namespace: string): Promise<string> =>
    (await ground.plane.kubectl(['auth', 'can-i', verb, resource, '-n', namespace, '--as', `system:serviceaccount:${ground.namespace}:grm-operator`]).catch((error: Error) => error.message)).trim();
  expect(await can('patch', 'deployments.apps', ground.namespace)).toBe('yes');
  for (const [verb, resource, namespace] of [
    ['list', 'secrets', ground.namespace],
    ['get', 'secrets', 'kube-system'],
    ['get', 'nodes', ground.namespace],
    ['patch', 'deployments.apps', 'default'],
    ['delete', 'grminferenceservices.grm.dev', ground.namespace],
    ['create', 'clusterroles.rbac.authorization.k8s.io', ground.namespace],
    ['create', 'pods', ground.namespace],
    ['*', '*', ground.namespace],
  ] as const) {
    expect(await can(verb, resource, namespace), `${verb} ${resource} in ${namespace}`).toContain('no');
  }
}, 120_000);
