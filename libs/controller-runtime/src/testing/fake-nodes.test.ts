import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { isNotFound } from '../api/api-error.ts';
import type { KubernetesObject, OwnerReference } from '../api/kubernetes-object.ts';
import { resourceType } from '../api/resource-type.ts';
import type { PlaneAccess } from './plane-access.ts';
import type { PodBehaviour } from './pod-behaviour.ts';
import { startControlPlane } from './start-control-plane.ts';
import { waitUntil } from './wait-until.ts';

interface Pod extends KubernetesObject {
  readonly spec: { readonly nodeName?: string };
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason?: string; readonly message?: string }[];
    readonly containerStatuses?: readonly { readonly restartCount: number; readonly state: Readonly<Record<string, { readonly reason?: string; readonly exitCode?: number; readonly message?: string }>> }[];
  };
}
interface Workload extends KubernetesObject {
  readonly spec: object;
  readonly status?: { readonly readyReplicas?: number; readonly succeeded?: number; readonly failed?: number };
}
interface Claim extends KubernetesObject {
  readonly spec: object;
  readonly status?: { readonly phase?: string };
}
const pods = resourceType<Pod>({ apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true });
const deployments = resourceType<Workload>({ apiVersion: 'apps/v1', kind: 'Deployment', plural: 'deployments', namespaced: true });
const jobs = resourceType<Workload>({ apiVersion: 'batch/v1', kind: 'Job', plural: 'jobs', namespaced: true });
const configMaps = resourceType({ apiVersion: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true });
const claims = resourceType<Claim>({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', plural: 'persistentvolumeclaims', namespaced: true });

let plane: PlaneAccess;
let namespace: string;
/** Pods of this file go to nodes of this file only. */
const pool = `pool-${process.pid}`;
const onPool = { nodeSelector: { pool }, tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists' }] };

beforeAll(async () => {
  plane = await startControlPlane();
});
afterAll(() => plane[Symbol.asyncDispose]());
beforeEach(async () => {
  namespace = await plane.createNamespace();
});

const container = (resources: object = {}): object => ({ name: 'main', image: 'any', resources });
const phaseOf = async (name: string): Promise<string | undefined> => (await plane.client.get(pods, { namespace, name })).status?.phase;
const isReady = ({ status }: Pod): boolean => status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') === true;

async function deploy(name: string, replicas: number, pod: object): Promise<void> {
  const template = { metadata: { labels: { app: name } }, spec: { ...onPool, containers: [container()], ...pod } };
  await plane.client.create(deployments, { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace }, spec: { replicas, selector: { matchLabels: { app: name } }, template } });
}

async function runJob(name: string, spec: object = {}): Promise<void> {
  const template = { metadata: { labels: { app: name } }, spec: { ...onPool, restartPolicy: 'Never', containers: [container()] } };
  await plane.client.create(jobs, { apiVersion: 'batch/v1', kind: 'Job', metadata: { name, namespace }, spec: { backoffLimit: 0, template, ...spec } });
}

async function podOf(app: string, is: (pod: Pod) => boolean): Promise<Pod> {
  return waitUntil(async () => (await plane.client.list(pods, { namespace, labelSelector: `app=${app}` })).find(is), { what: `a pod of ${app} as wanted` });
}

test('GPUs are scarce: of seventeen pods with one each, two nodes with eight hold sixteen', async () => {
  await using nodes = await plane.fakeNodes({ count: 2, gpus: 8, labels: { pool } });
  expect(nodes.names).toHaveLength(2);
  await deploy('many', 17, { containers: [container({ limits: { 'nvidia.com/gpu': '1' } })] });
  await waitUntil(async () => (await plane.client.get(deployments, { namespace, name: 'many' })).status?.readyReplicas === 16, { what: 'sixteen ready pods' });
  const waiting = await podOf('many', ({ status }) => status?.phase === 'Pending' && status.conditions?.some(({ reason }) => reason === 'Unschedulable') === true);
  expect(waiting.status?.conditions?.find(({ type }) => type === 'PodScheduled')?.message).toContain('Insufficient nvidia.com/gpu');
});

test('a hundred pods are ready within seconds', async () => {
  await using _ = await plane.fakeNodes({ count: 2, labels: { pool } });
  await deploy('hundred', 100, {});
  const start = performance.now();
  await waitUntil(async () => (await plane.client.get(deployments, { namespace, name: 'hundred' })).status?.readyReplicas === 100, { what: 'a hundred ready pods' });
  expect(performance.now() - start).toBeLessThan(20_000);
});

test("what is owned goes with its owner, and a Deployment's pods with it", async () => {
  await using _ = await plane.fakeNodes({ labels: { pool } });
  await deploy('owner', 1, {});
  await podOf('owner', isReady);
  const { uid = '' } = (await plane.client.get(deployments, { namespace, name: 'owner' })).metadata;
  const reference: OwnerReference = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'owner', uid, controller: true };
  await plane.client.create(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'owned', namespace, ownerReferences: [reference] } });
  await plane.client.delete(deployments, { namespace, name: 'owner' });
  await waitUntil(() => plane.client.get(configMaps, { namespace, name: 'owned' }).then(() => false, isNotFound), { what: 'the owned object to go' });
  await waitUntil(async () => (await plane.client.list(pods, { namespace })).length === 0, { what: 'the pods to go' });
  expect(await plane.client.list(deployments, { namespace })).toEqual([]);
});

test("a Job's pod runs until it is told to succeed", async () => {
  await using _ = await plane.fakeNodes({ labels: { pool } });
  await runJob('job');
  const { metadata } = await podOf('job', isReady);
  await plane.podBehaves({ namespace, name: metadata.name }, { kind: 'succeed', message: 'trained' });
  await waitUntil(async () => (await plane.client.get(jobs, { namespace, name: 'job' })).status?.succeeded === 1, { what: 'the Job to be complete' });
  const state = (await plane.client.get(pods, { namespace, name: metadata.name })).status?.containerStatuses?.[0]?.state;
  expect(state).toMatchObject({ terminated: { exitCode: 0, reason: 'Completed', message: 'trained' } });
});

test("a Job's pod that fails says with which exit code and why", async () => {
  await using _ = await plane.fakeNodes({ labels: { pool } });
  await using rule = await plane.podsBehave({ namespace }, { kind: 'fail', exitCode: 137, reason: 'OOMKilled', message: 'too "large"' });
  expect(rule).toBeDefined();
  await runJob('job');
  const failed = await podOf('job', ({ status }) => status?.phase === 'Failed');
  expect(failed.status?.containerStatuses?.[0]?.state).toMatchObject({ terminated: { exitCode: 137, reason: 'OOMKilled', message: 'too "large"' } });
  await waitUntil(async () => (await plane.client.get(jobs, { namespace, name: 'job' })).status?.failed === 1, { what: 'the Job to have failed' });
});

const stuck: readonly [PodBehaviour, string, string | undefined][] = [
  [{ kind: 'never-ready' }, 'Running', undefined],
  [{ kind: 'image-pull-back-off' }, 'Pending', 'ImagePullBackOff'],
  [{ kind: 'crash-loop-back-off' }, 'Running', 'CrashLoopBackOff'],
  [{ kind: 'fail' }, 'Running', 'CrashLoopBackOff'],
];
test.each(stuck)('a pod of a Deployment that is to be %o stays there, and starts once it is to run', async (behaviour, phase, reason) => {
  await using _ = await plane.fakeNodes({ labels: { pool } });
  {
    await using rule = await plane.podsBehave({ namespace, labels: { app: 'stuck' } }, behaviour);
    expect(rule).toBeDefined();
    await deploy('stuck', 1, {});
    await deploy('other', 1, {});
    const pod = await podOf('stuck', ({ status }) => status?.phase === phase && (reason === undefined ? status.containerStatuses?.[0] !== undefined : status.containerStatuses?.[0]?.state['waiting']?.reason === reason));
    expect(isReady(pod)).toBe(false);
    await podOf('other', isReady);
    await plane.podBehaves({ namespace, name: pod.metadata.name }, { kind: 'run' });
    await podOf('stuck', isReady);
  }
  // The rule is over: what is created now runs.
  await plane.client.delete(deployments, { namespace, name: 'stuck' });
  await deploy('stuck-no-more', 1, {});
  await podOf('stuck-no-more', isReady);
});

test('a pod that loads is running before it is ready, and one that drains stays until it is done', async () => {
  await using _ = await plane.fakeNodes({ labels: { pool } });
  await using rule = await plane.podsBehave({ namespace }, { kind: 'run', readyAfterMs: 1_500, stopsAfterMs: 1_500, stopExitCode: 0 });
  expect(rule).toBeDefined();
  await deploy('slow', 1, {});
  const { metadata } = await podOf('slow', (pod) => pod.status?.phase === 'Running' && !isReady(pod));
  await podOf('slow', isReady);
  const asked = performance.now();
  await plane.client.delete(deployments, { namespace, name: 'slow' });
  await waitUntil(() => phaseOf(metadata.name).then(() => false, isNotFound), { what: 'the pod to go' });
  expect(performance.now() - asked).toBeGreaterThan(1_400);
});

test('a pod that is left to the test stands still', async () => {
  await using _ = await plane.fakeNodes({ labels: { pool } });
  await using rule = await plane.podsBehave({ namespace, labels: { app: 'mine' } }, { kind: 'by-hand' });
  expect(rule).toBeDefined();
  await deploy('mine', 1, {});
  const { metadata } = await podOf('mine', ({ spec }) => spec.nodeName !== undefined);
  await deploy('other', 1, {});
  await podOf('other', isReady);
  expect(await phaseOf(metadata.name)).toBe('Pending');
  await plane.client.patch(pods, { namespace, name: metadata.name }, { status: { phase: 'Failed', reason: 'Evicted' } }, { type: 'merge', subresource: 'status' });
  expect(await phaseOf(metadata.name)).toBe('Failed');
  await plane.client.delete(pods, { namespace, name: metadata.name }, { gracePeriodSeconds: 0 });
});

test('a claim is bound, and its volume goes with it', async () => {
  const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '10Gi' } } };
  await plane.client.create(claims, { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data', namespace }, spec });
  await waitUntil(async () => (await plane.client.get(claims, { namespace, name: 'data' })).status?.phase === 'Bound', { what: 'the claim to be bound' });
  const volumes = (): Promise<string> => plane.kubectl(['get', 'persistentvolumes', '--output', 'yaml']);
  expect(await volumes()).toContain(namespace);
  await using _ = await plane.fakeNodes({ labels: { pool } });
  await deploy('reader', 1, { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] });
  await podOf('reader', isReady);
  await plane.client.delete(deployments, { namespace, name: 'reader' });
  await plane.client.delete(claims, { namespace, name: 'data' });
  await waitUntil(async () => !(await volumes()).includes(namespace), { what: 'the volume to go' });
  expect(await plane.client.list(claims, { namespace })).toEqual([]);
});

test('a taint that says NoExecute empties a node', async () => {
  await using nodes = await plane.fakeNodes({ labels: { pool } });
  const [name = ''] = nodes.names;
  await deploy('evicted', 1, {});
  const { metadata } = await podOf('evicted', isReady);
  await nodes.taint(name, { key: 'maintenance', effect: 'NoExecute' });
  await waitUntil(() => phaseOf(metadata.name).then(() => false, isNotFound), { what: 'the pod to go' });
  await nodes.untaint(name, { key: 'maintenance', effect: 'NoExecute' });
  expect((await podOf('evicted', isReady)).metadata.uid).not.toBe(metadata.uid);
});

test('a node that is stopped loses its pods to another, and may come back', async () => {
  await using nodes = await plane.fakeNodes({ count: 2, labels: { pool } });
  await deploy('moves', 1, {});
  const { spec, metadata } = await podOf('moves', isReady);
  const lost = spec.nodeName ?? '';
  await nodes.stop(lost);
  await podOf('moves', (pod) => isReady(pod) && pod.spec.nodeName !== lost);
  // Nobody on the lost machine can say that the pod has ended.
  expect((await plane.client.get(pods, { namespace, name: metadata.name })).metadata.deletionTimestamp).toBeDefined();
  await nodes.start(lost);
  await waitUntil(() => phaseOf(metadata.name).then(() => false, isNotFound), { what: 'the pod to end once its machine is back' });
}, 180_000);
