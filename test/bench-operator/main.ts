import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type KubernetesObject, resourceType, SharedInformer, systemClock } from '@grm/controller-runtime';
import { type PlaneAccess, startControlPlane, waitUntil } from '@grm/controller-runtime/testing';
import { subjects } from '@grm/protocol';
import { connectNats } from '@grm/service-kit';
import { startNatsServer } from '@grm/service-kit/testing';
import { jetstream } from '@nats-io/jetstream';
import Table from 'cli-table3';
import { pino } from 'pino';
import { OperatorProcess } from './operator-process.ts';

interface WithStatus extends KubernetesObject {
  readonly spec?: { readonly replicas?: number };
  readonly status?: { readonly phase?: string; readonly observedGeneration?: number; readonly conditions?: readonly { readonly type: string; readonly status: string }[]; readonly rollout?: { readonly serving?: string }; readonly sampler?: { readonly replicas?: number } };
}

interface Figure {
  readonly name: string;
  readonly value: number;
  readonly bound: string;
  readonly what: string;
}

const kind = (apiVersion: string, name: string, plural: string) => resourceType<WithStatus>({ apiVersion, kind: name, plural, namespaced: true });
const runs = kind('grm.dev/v1alpha1', 'GRMTrainingRun', 'grmtrainingruns');
const services = kind('grm.dev/v1alpha1', 'GRMInferenceService', 'grminferenceservices');
const jobs = kind('batch/v1', 'Job', 'jobs');
const deployments = kind('apps/v1', 'Deployment', 'deployments');
const replicaSets = kind('apps/v1', 'ReplicaSet', 'replicasets');

const count = Number(process.env['GRM_BENCH_OBJECTS'] ?? 1000);
const ratePerSecond = 100;
const leaseSeconds = 15;
const pollSeconds = 5;
const restSeconds = 60;
const crds = fileURLToPath(new URL('../../../charts/grm/crds', import.meta.url));
const say = (text: string): void => void process.stderr.write(`${text}\n`);

/** Follows a kind by a watch: asking for lists again and again would be most of the API server's work. */
async function follow(stack: AsyncDisposableStack, plane: PlaneAccess, type: typeof runs, namespace: string): Promise<() => readonly WithStatus[]> {
  const informer = new SharedInformer(type, {}, { client: plane.client, namespaces: [namespace], log: pino({ level: 'silent' }), clock: systemClock, random: Math.random });
  const stop = new AbortController();
  const running = informer.run(stop.signal);
  stack.defer(async () => {
    stop.abort();
    await running;
  });
  await waitUntil(() => informer.synced, { what: `the list of ${type.plural}` });
  return () => informer.store.list();
}

/** Creates `count` objects at the rate, and waits until all are as they are to be. @returns seconds from the first creation on */
async function surge(plane: PlaneAccess, type: typeof runs, made: (index: number) => WithStatus, settled: () => number): Promise<number> {
  const start = performance.now();
  const creations: Promise<unknown>[] = [];
  for (let index = 0; index < count; index++) {
    const wait = start + (index * 1000) / ratePerSecond - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    creations.push(plane.client.create(type, made(index)));
  }
  await Promise.all(creations);
  await waitUntil(() => settled() >= count, { what: `${count} ${type.plural} to be settled`, withinMs: 600_000 });
  return (performance.now() - start) / 1000;
}

async function measure(): Promise<Figure[]> {
  const figures: Figure[] = [];
  const add = (name: string, value: number, bound: string, what: string) => {
    figures.push({ name, value: Number(value.toPrecision(4)), bound, what });
    say(`  ${name}: ${value.toPrecision(4)} (${bound}) - ${what}`);
  };
  say('starting a control plane, a nats-server and two operators ...');
  await using plane = await startControlPlane();
  await using nats = await startNatsServer();
  await plane.kubectl(['apply', '--server-side', '--filename', crds]);
  await waitUntil(() => plane.client.list(services), { what: 'the kinds of grm.dev' });
  await using _nodes = await plane.fakeNodes({ count: 60, pods: 110, cpu: '2000', memory: '4000Gi' });
  const namespace = await plane.createNamespace('bench');
  const environment = (pod: string) => ({ KUBECONFIG: plane.kubeconfigPath, GRM_OPERATOR_NAMESPACE: namespace, GRM_OPERATOR_POD: pod, GRM_NATS_URL: nats.url, GRM_LEASE_SECONDS: String(leaseSeconds), GRM_SCALING_PERIOD_SECONDS: String(pollSeconds) });
  await using first = await OperatorProcess.start(environment('first'));
  await waitUntil(() => first.leads(), { what: 'the first operator to lead' });
  await using second = await OperatorProcess.start(environment('second'));
  await using stack = new AsyncDisposableStack();
  const [allJobs, allRuns, allServices, allDeployments, allReplicaSets] = await Promise.all([jobs, runs, services, deployments, replicaSets].map((type) => follow(stack, plane, type, namespace)));
  if (allJobs === undefined || allRuns === undefined || allServices === undefined || allDeployments === undefined || allReplicaSets === undefined) throw new Error('not all kinds are followed');
  const object = (type: typeof runs, index: number, spec: object): WithStatus => ({ apiVersion: type.apiVersion, kind: type.kind, metadata: { namespace, name: `bench-${index}` }, spec });

  say(`${count} Deployments at ${ratePerSecond}/s, by the built-in controller ...`);
  const label = (index: number) => ({ app: `bench-${index}` });
  const builtIn = await surge(
    plane,
    deployments,
    (index) => object(deployments, index, { replicas: 1, selector: { matchLabels: label(index) }, template: { metadata: { labels: label(index) }, spec: { containers: [{ name: 'main', image: 'none' }] } } }),
    () => Math.min(allReplicaSets().length, allDeployments().filter(({ status }) => (status?.observedGeneration ?? 0) >= 1).length),
  );
  await plane.kubectl(['delete', 'deployments', '--all', '-n', namespace, '--wait=false'], { timeoutMs: 120_000 });
  await waitUntil(() => allReplicaSets().length === 0, { what: 'the Deployments to be gone', withinMs: 300_000 });

  say(`${count} GRMTrainingRuns at ${ratePerSecond}/s ...`);
  const [requestsBefore, cpuBefore] = [await first.requests(), await first.cpuSeconds()];
  const spec = { base: { builtin: 'nano-base' }, data: [{ name: 'pairs', builtin: 'nanobench' }], stages: { rft: {} }, resources: { requests: { cpu: '1', memory: '100Mi' } } };
  const seconds = await surge(
    plane,
    runs,
    (index) => object(runs, index, spec),
    () => Math.min(allJobs().length, allRuns().filter(({ status }) => status?.phase !== undefined).length),
  );
  add('runsPerSecond', count / seconds, 'at least 20', `until every child exists and status says so; the built-in Deployment controller, in this run: ${(count / builtIn).toPrecision(3)}/s`);
  add('builtInDeploymentsPerSecond', count / builtIn, 'for comparison', 'until every ReplicaSet exists and status says so');
  await waitUntil(() => allRuns().every(({ status }) => status?.phase === 'Running'), { what: 'the runs to be Running', withinMs: 300_000 });
  await quiet(first);
  add('requestsPerRun', ((await first.requests()) - requestsBefore) / count, 'at most 10', 'creates, patches and deletes of the operator from a run to Running, events included; limit 300/s, burst 500');
  add('cpuMillisecondsPerRun', (((await first.cpuSeconds()) - cpuBefore) * 1000) / count, 'for comparison', 'processor time of the leader');

  say(`${count} GRMInferenceServices beside them ...`);
  const serving = await surge(plane, services, (index) => object(services, index, { model: { builtin: 'nano-judge' }, sampler: { resources: { requests: { cpu: '1', memory: '100Mi' } } }, voter: { resources: { requests: { cpu: '1', memory: '100Mi' } } } }), () =>
    allServices().filter(({ status }) => status?.conditions?.some(({ type, status: state }) => type === 'Ready' && state === 'True')).length,
  );
  add('servicesPerSecond', count / serving, 'for comparison', 'until Ready, pods by KWOK included');

  say(`${restSeconds} s at rest ...`);
  await quiet(first);
  const before = await first.requests();
  await new Promise((resolve) => setTimeout(resolve, restSeconds * 1000));
  add('restRequests', (await first.requests()) - before, '0', `requests that are neither watch nor lease, in ${restSeconds} s, with ${count} runs and ${count} services`);
  add('restRssMiB', await first.rssMiB(), 'at most 256', `resident memory of the leader with ${count} + ${count} objects`);

  say('a backlog steps up ...');
  const connection = await connectNats({ servers: [nats.url], name: 'bench' });
  await plane.client.create(services, { ...object(services, 0, { model: { builtin: 'nano-judge' }, sampler: { autoscaling: { minReplicas: 1, maxReplicas: 4 } } }), metadata: { namespace, name: 'scaled' } });
  const scaled = await waitUntil(async () => {
    const service = await plane.client.get(services, { namespace, name: 'scaled' });
    return service.status?.sampler?.replicas === 1 && service.status.rollout?.serving !== undefined ? service : undefined;
  }, { what: 'the autoscaled service', withinMs: 120_000 });
  const revision = scaled.status?.rollout?.serving ?? '';
  const names = subjects({ namespace, service: 'scaled', revision });
  connection.subscribe(names.presence, { callback: (_error, message) => void message.respond(JSON.stringify({ worker: 'bench', component: 'sampler', revision, busy: 1, samplesPerSecond: 1, samplesPerTask: 1 })) });
  await new Promise((resolve) => setTimeout(resolve, 2 * pollSeconds * 1000));
  const stepped = performance.now();
  for (let task = 0; task < 50; task++) await jetstream(connection).publish(names.work.sample, '{}');
  await waitUntil(async () => ((await plane.client.get(deployments, { namespace, name: `grm-scaled-sampler-${revision}` })).spec?.replicas ?? 0) > 1, { what: 'the scale to be written', withinMs: 120_000 });
  add('scaleSeconds', (performance.now() - stepped) / 1000, `at most ${2 * pollSeconds}`, `from the backlog to the written replicas; polled every ${pollSeconds} s`);
  await connection.close();

  say('the leader is killed ...');
  const killed = performance.now();
  await first.kill('SIGKILL');
  await plane.client.create(runs, { ...object(runs, 0, spec), metadata: { namespace, name: 'after' } });
  await waitUntil(async () => (await plane.client.get(runs, { namespace, name: 'after' })).status?.phase !== undefined, { what: 'the other operator to reconcile', withinMs: 120_000 });
  add('failoverSeconds', (performance.now() - killed) / 1000, `at most ${leaseSeconds + 2}`, `SIGKILL of the leader until the other one has reconciled a new run; lease ${leaseSeconds} s`);
  add('standbyRssMiB', await second.rssMiB(), 'for comparison', 'resident memory of the operator that took over');
  return figures;
}

/** Until the operator has asked nothing for two seconds. */
async function quiet(operator: OperatorProcess): Promise<void> {
  let [last, since] = [await operator.requests(), performance.now()];
  await waitUntil(async () => {
    const now = await operator.requests();
    if (now !== last) [last, since] = [now, performance.now()];
    return performance.now() - since > 2_000;
  }, { what: 'the operator to come to rest', withinMs: 120_000 });
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
const figures = await measure();
const folder = fileURLToPath(new URL('../../../.grm', import.meta.url));
await mkdir(folder, { recursive: true });
await writeFile(join(folder, 'bench-operator.json'), `${JSON.stringify(figures.map(({ name, value }) => ({ name, value })), undefined, 2)}\n`);
const table = new Table({ head: ['what', 'measured', 'bound', 'how'], wordWrap: true, colWidths: [30, 12, 16, 70] });
for (const { name, value, bound, what } of figures) table.push([name, value, bound, what]);
process.stdout.write(`${table.toString()}\n`);
