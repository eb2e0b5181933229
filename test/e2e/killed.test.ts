import { waitUntil } from '@grm/controller-runtime/testing';
import { expect, it } from 'vitest';
import { e2eGround, type Ground } from './support/ground.ts';
import { moreVerdicts, requestFor, steadyLoad } from './support/judged-items.ts';
import { release, rolledOut } from './support/release.ts';

/** kill -9 of a container's first process, as the kernel's memory killer does it; the kubelet starts the container again. */
async function killContainer({ cluster }: Ground, namespace: string, pod: string): Promise<void> {
  const [status] = JSON.parse(await cluster.kubectl(['-n', namespace, 'get', 'pod', pod, '-o', 'jsonpath=[{.status.containerStatuses[0]}]'])) as [{ containerID: string }];
  await cluster.containerd(['task', 'kill', '--signal', 'SIGKILL', status.containerID.replace('containerd://', '')]);
}

async function restarts({ cluster }: Ground, namespace: string, pod: string): Promise<number> {
  return Number(await cluster.kubectl(['-n', namespace, 'get', 'pod', pod, '-o', 'jsonpath={.status.containerStatuses[0].restartCount}']));
}

it.each(['sampler', 'meta-rm', 'voter'])('loses no request when a %s is killed', async (component) => {
  await using ground = await e2eGround('killed');
  const small = { requests: { cpu: '50m', memory: '512Mi' } };
  await ground.serve('nano', { sampler: { replicas: 2, resources: small }, metaRM: { model: { builtin: 'nano-meta-rm' }, replicas: 2, resources: small }, voter: { replicas: 2, resources: { requests: { cpu: '50m', memory: '256Mi' } } } });
  await ground.untilServing('nano');
  await using team = await ground.team('nano');
  await using load = steadyLoad(team);
  await moreVerdicts(load);
  const [pod] = await ground.pods('nano', component);
  if (pod === undefined) throw new Error(`no ${component}`);
  await killContainer(ground, ground.namespace, pod.metadata.name);
  await waitUntil(async () => (await restarts(ground, ground.namespace, pod.metadata.name)) === 1, { what: 'the container to be started again', withinMs: 60_000 });
  await ground.untilServing('nano');
  await moreVerdicts(load);
  await load.stop();
  expect(load.failures).toEqual([]);
  expect(load.verdicts.size).toBeGreaterThan(3);
});

it('goes on from its file store when the NATS server is killed, and no request is lost', async () => {
  await using ground = await e2eGround('nats-killed');
  await ground.serve('nano');
  await ground.untilServing('nano');
  await using team = await ground.team('nano');
  await using load = steadyLoad(team);
  await moreVerdicts(load);
  await killContainer(ground, release.namespace, 'grm-nats-0');
  await rolledOut(ground.cluster, release.namespace, 'statefulset/grm-nats');
  await moreVerdicts(load);
  await load.stop();
  expect(load.failures).toEqual([]);
  await ground.untilServing('nano');
});

it('does what was asked meanwhile when the operator that leads is killed', async () => {
  await using ground = await e2eGround('leader-killed');
  const { cluster } = ground;
  const holder = () => cluster.kubectl(['-n', release.namespace, 'get', 'lease', '-o', 'jsonpath={.items[0].spec.holderIdentity}']);
  const leader = await holder();
  const pods = (await cluster.kubectl(['-n', release.namespace, 'get', 'pods', '-l', 'app.kubernetes.io/component=operator', '-o', 'jsonpath={.items[*].metadata.name}'])).split(' ');
  const pod = pods.find((name) => leader.startsWith(name));
  if (pod === undefined) throw new Error(`the leader ${leader} is none of ${pods.join(', ')}`);
  await killContainer(ground, release.namespace, pod);
  await ground.serve('nano');
  await ground.untilServing('nano');
  // Either leads now: the one that was killed comes back under its own name, and may renew a lease that is its own.
  expect(await restarts(ground, release.namespace, pod)).toBeGreaterThan(0);
  expect(pods).toContain(await holder());
  await rolledOut(cluster, release.namespace, 'deployment/grm-operator');
});

it('goes on judging while the API server is killed, and is scaled once it is back', async () => {
  await using ground = await e2eGround('api-killed');
  await ground.serve('nano');
  await ground.untilServing('nano');
  await using team = await ground.team('nano');
  await using load = steadyLoad(team);
  await ground.cluster.killServer('kube-apiserver');
  await waitUntil(() => ground.kubectl(['scale', 'grmsvc/nano', '--replicas=2'], { timeoutMs: 10_000 }), { what: 'the API server', withinMs: 60_000 });
  await ground.untilService('nano', 'two samplers', ({ status }) => status?.sampler?.ready === 2, 180_000);
  await load.stop();
  expect(load.failures).toEqual([]);
  expect((await team.judge(requestFor(3))).scores.length).toBeGreaterThan(1);
});
