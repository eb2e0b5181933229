import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { ApiClient, EventRecorder, isNotFound, Manager, type ResourceType, resourceType, RuntimeMetrics, systemClock, type KubernetesObject } from '@grm/controller-runtime';
import { sharedControlPlane, waitUntil } from '@grm/controller-runtime/testing';
import { type RunProgress, runProgress } from '@grm/protocol';
import { connectNats, ensureRunsBucket } from '@grm/service-kit';
import { startNatsServer } from '@grm/service-kit/testing';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { operatorInformers } from '../../children/operator-informers.ts';
import { jobs, type LiveJob } from '../../kubernetes/live-job.ts';
import { type LivePod, pods } from '../../kubernetes/live-pod.ts';
import { NatsLink } from '../../nats/nats-link.ts';
import { addTrainingRunController } from '../training-run.controller.ts';
import { trainingRuns, type TrainingRunObject } from '../training-run-object.ts';
import { site } from './site.fixture.ts';

const crds = fileURLToPath(new URL('../../../../charts/grm/crds', import.meta.url));
const events = resourceType<KubernetesObject & { readonly reason: string; readonly eventTime: string; readonly regarding: { readonly name: string } }>({ apiVersion: 'events.k8s.io/v1', kind: 'Event', plural: 'events', namespaced: true });

/**
 * The operator's part for training runs in this process, on a real control plane with nodes of its own whose pods a test plays by hand, and a
 * real nats-server.
 */
export async function planeGround() {
  await using stack = new AsyncDisposableStack();
  const plane = stack.use(await sharedControlPlane());
  await plane.kubectl(['apply', '--server-side', '--force-conflicts', '--filename', crds]);
  await waitUntil(() => plane.client.list(trainingRuns), { what: 'the kind GRMTrainingRun' });
  const server = stack.use(await startNatsServer());
  const namespace = await plane.createNamespace('runs');
  stack.use(await plane.podsBehave({ namespace }, { kind: 'by-hand' }));
  stack.use(await plane.fakeNodes());
  const registry = new Registry();
  const log = pino({ level: process.env['GRM_TEST_LOG'] ?? 'silent' });
  const client = stack.use(new ApiClient({ kubeConfig: plane.kubeConfig, fieldManager: 'grm-operator' }));
  const manager = new Manager({ client, namespaces: [namespace], registry, metrics: new RuntimeMetrics(registry), log });
  const link = new NatsLink({ log, retryMs: 100, connect: () => connectNats({ servers: [server.url], name: 'operator', timeoutMs: 1_000 }) });
  const recorder = new EventRecorder({ client, controller: 'grm.dev/operator', instance: 'test', clock: systemClock, log });
  const informers = operatorInformers(manager);
  addTrainingRunController({
    manager, informers, client, link, registry, log, site, planner: '1', namespaces: [namespace], concurrency: 4, clock: systemClock,
    record: (run, event) => recorder.record(run, event),
  });
  const stop = new AbortController();
  const running = Promise.all([manager.run(stop.signal), link.run(stop.signal)]);
  stack.defer(async () => {
    stop.abort();
    await running;
  });
  const trainer = await connectNats({ servers: [server.url], name: 'trainer' });
  stack.defer(() => trainer.close());
  const owned = stack.move();

  const admin = plane.client;
  const get = (name: string): Promise<TrainingRunObject> => admin.get(trainingRuns, { namespace, name });
  const podsOf = async (name: string): Promise<LivePod[]> => {
    const all = await admin.list(pods, { namespace, labelSelector: `app.kubernetes.io/instance=${name}` });
    return all.toSorted((one, other) => (one.metadata.creationTimestamp ?? '').localeCompare(other.metadata.creationTimestamp ?? ''));
  };
  const setPod = (pod: LivePod, status: object): Promise<LivePod> => admin.patch(pods, { namespace, name: pod.metadata.name }, { status }, { type: 'merge', subresource: 'status' });
  return {
    plane, server, client, namespace, trainer, get, podsOf,
    job: (name: string): Promise<LiveJob> => admin.get(jobs, { namespace, name: `grm-${name}-trainer` }),
    create: (name: string, spec: object = {}) =>
      admin.create(trainingRuns, {
        apiVersion: 'grm.dev/v1alpha1',
        kind: 'GRMTrainingRun',
        metadata: { namespace, name },
        spec: { base: { builtin: 'nano-base' }, data: [{ name: 'pairs', builtin: 'nanobench' }], stages: { rft: {} }, ...spec },
      }),
    change: (name: string, spec: object) => admin.patch(trainingRuns, { namespace, name }, { spec }, { type: 'merge' }),
    remove: (name: string) => admin.delete(trainingRuns, { namespace, name }),
    /** The run once its status is so. */
    until: (name: string, isSo: (run: TrainingRunObject) => boolean, what: string) =>
      waitUntil(async () => {
        const run = await get(name);
        return isSo(run) ? run : undefined;
      }, { what, withinMs: 60_000 }),
    gone: (type: ResourceType, name: string) =>
      waitUntil(() => admin.get(type, { namespace, name }).then(() => false, isNotFound), { what: `the end of ${type.kind} ${name}`, withinMs: 60_000 }),
    /** A pod of the run that was told to end. */
    endingPod: (name: string) =>
      waitUntil(async () => (await podsOf(name)).find(({ metadata }) => metadata.deletionTimestamp !== undefined), { what: `a pod of ${name} to be told to end`, withinMs: 60_000 }),
    /** A pod of the run that its node would start now, once it has one. */
    placedPod: (name: string, but: readonly string[] = []) =>
      waitUntil(async () => (await podsOf(name)).find((pod) => pod.spec?.nodeName !== undefined && pod.metadata.deletionTimestamp === undefined && !but.includes(pod.metadata.name)), { what: `a pod of ${name} on a node`, withinMs: 60_000 }),
    /** As a kubelet says that the trainer runs, or has ended. */
    starts: (pod: LivePod) => {
      const startedAt = now();
      return setPod(pod, { phase: 'Running', startTime: startedAt, containerStatuses: [containerStatus({ running: { startedAt } })], conditions: [...(pod.status?.conditions ?? []), { type: 'Ready', status: 'True' }] });
    },
    ends: (pod: LivePod, exitCode: number) =>
      setPod(pod, { phase: exitCode === 0 ? 'Succeeded' : 'Failed', containerStatuses: [containerStatus({ terminated: { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error', startedAt: now(), finishedAt: now() } })] }),
    /** As a kubelet ends a pod that is deleted, when the trainer has exited. */
    leaves: async (pod: LivePod, exitCode: number) => {
      await setPod(pod, { phase: 'Failed', containerStatuses: [containerStatus({ terminated: { exitCode, reason: 'Error', startedAt: now(), finishedAt: now() } })] });
      await admin.delete(pods, { namespace, name: pod.metadata.name }, { gracePeriodSeconds: 0 });
    },
    says: async (name: string, progress: Partial<RunProgress>) => {
      const bucket = await ensureRunsBucket(trainer);
      const value: RunProgress = { phase: 'Running', stages: [{ name: 'rft', state: 'Running', step: 1, steps: 10 }], updatedAt: new Date().toISOString(), ...progress };
      await bucket.put(runProgress({ namespace, run: name }).key, JSON.stringify(value));
    },
    eventsOf: async (name: string): Promise<string[]> => {
      await recorder.flush();
      const all = await admin.list(events, { namespace });
      return all.filter(({ regarding }) => regarding.name === name).toSorted((one, other) => one.eventTime.localeCompare(other.eventTime)).map(({ reason }) => reason);
    },
    requests: (): number => [...client.sent.entries()].reduce((sum, [what, count]) => sum + (what.startsWith('GET') ? 0 : count), 0),
    sent: () => new Map(client.sent),
    [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose](),
  };
}

const now = (): string => `${new Date().toISOString().slice(0, 19)}Z`;

const containerStatus = (state: object): object => ({ name: 'trainer', image: 'grm:test', imageID: '', ready: 'running' in state, restartCount: 0, state, containerID: `test://${randomUUID()}` });
