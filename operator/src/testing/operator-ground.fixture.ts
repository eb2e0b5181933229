import { fileURLToPath } from 'node:url';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isNotFound, type KubernetesObject, type ObjectKey, type ResourceType, resourceType } from '@grm/controller-runtime';
import { type PlaneAccess, sharedControlPlane, waitUntil } from '@grm/controller-runtime/testing';
import { connectNats } from '@grm/service-kit';
import { startNatsServer, type TestNatsServer } from '@grm/service-kit/testing';
import { createAccount } from '@nats-io/nkeys';
import { pino } from 'pino';
import { parseOperatorConfiguration } from '../configuration/operator-configuration.ts';
import { type InferenceServiceObject, inferenceServices } from '../inference-service/inference-service-object.ts';
import { deployments, type LiveDeployment } from '../kubernetes/live-deployment.ts';
import { type LivePod, pods } from '../kubernetes/live-pod.ts';
import { Operator } from '../process/operator.ts';
import { trainingRuns } from '../training-run/training-run-object.ts';

const chart = fileURLToPath(new URL('../../../charts/grm', import.meta.url));
const events = resourceType<KubernetesObject & { reason: string; note: string; regarding: { name: string } }>({ apiVersion: 'events.k8s.io/v1', kind: 'Event', plural: 'events', namespaced: true });
export const operatorAccount = 'grm-operator';

export interface OperatorGroundOptions {
  /** Further variables of the operator. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly plane?: PlaneAccess;
  /** Default: one is started with the ground. */
  readonly startOperator?: boolean;
  /** Whether the operator issues users of NATS, from an account made for the test. */
  readonly issuesUsers?: boolean;
}

/** The CRDs, and the operator's ServiceAccount in a namespace of the test's own with the rights that the chart gives it there. */
async function install(plane: PlaneAccess, namespace: string, issuesUsers: boolean): Promise<string> {
  const rendered = await plane.helm(['template', 'grm', chart, '--namespace', namespace, '--set', `watch.namespaces={${namespace}}`, '--set', `nats.server.enabled=false,nats.issueCredentials=${issuesUsers},nats.accountSeedSecret.name=account,nats.url=nats://nats:4222`, '--show-only', 'templates/operator/roles.yaml', '--show-only', 'templates/operator/service-account.yaml']);
  await plane.kubectl(['apply', '--server-side', '--force-conflicts', '--filename', join(chart, 'crds')]);
  await waitUntil(() => plane.client.list(inferenceServices).then(() => plane.client.list(trainingRuns)), { what: 'the kinds of grm.dev' });
  await plane.kubectl(['apply', '--namespace', namespace, '--filename', '-'], { stdin: rendered });
  const config = await plane.kubeconfigForServiceAccount({ namespace, name: operatorAccount });
  const file = join(plane.facts.folder, `${namespace}.kubeconfig`);
  await writeFile(file, config.exportConfig(), { mode: 0o600 });
  return file;
}

/** The operator under its own ServiceAccount, on the shared control plane in a namespace of its own, with a real nats-server. */
export async function operatorGround(options: OperatorGroundOptions = {}) {
  await using stack = new AsyncDisposableStack();
  const plane = options.plane ?? stack.use(await sharedControlPlane());
  const nats = stack.use(await startNatsServer());
  const namespace = await plane.createNamespace('operator');
  const kubeconfig = await install(plane, namespace, options.issuesUsers ?? false);
  const seed = join(plane.facts.folder, `${namespace}.seed`);
  if (options.issuesUsers === true) await writeFile(seed, new TextDecoder().decode(createAccount().getSeed()), { mode: 0o600 });
  const log = pino({ level: process.env['GRM_TEST_LOG'] ?? 'silent' });
  const running = new Set<{ stop(): Promise<void> }>();
  const start = async (environment: Readonly<Record<string, string>> = {}) => {
    const configuration = parseOperatorConfiguration({
      KUBECONFIG: kubeconfig,
      GRM_OPERATOR_NAMESPACE: namespace,
      GRM_OPERATOR_POD: `operator-${running.size}`,
      GRM_WATCH_NAMESPACES: namespace,
      GRM_NATS_URL: nats.url,
      GRM_SERVICES_NATS_URL: 'nats://nats:4222',
      GRM_SERVICES_IMAGE: 'grm:test',
      GRM_LEASE_SECONDS: '3',
      ...(options.issuesUsers === true ? { GRM_NATS_ACCOUNT_SEED: seed } : {}),
      GRM_SCALING_PERIOD_SECONDS: '0.5',
      ...options.environment,
      ...environment,
    });
    const operator = new Operator(configuration, log);
    const stop = new AbortController();
    const ended = operator.run(stop.signal).catch((error: unknown) => {
      log.error({ err: error }, 'the operator ended');
    });
    const handle = {
      operator,
      stop: async () => {
        running.delete(handle);
        stop.abort();
        await ended;
        await operator[Symbol.asyncDispose]();
      },
    };
    running.add(handle);
    return handle;
  };
  stack.defer(async () => {
    for (const operator of [...running]) await operator.stop();
  });
  if (options.startOperator !== false) await start();
  const connection = await connectNats({ servers: [nats.url], name: 'test' });
  stack.defer(() => connection.close());
  const owned = stack.move();
  const admin = plane.client;
  const key = (name: string): ObjectKey => ({ namespace, name });
  const until = <T extends KubernetesObject>(type: ResourceType<T>, name: string, isSo: (object: T) => boolean, what: string, withinMs = 30_000) =>
    waitUntil(
      async () => {
        const object = await admin.get(type, key(name));
        return isSo(object) ? object : undefined;
      },
      { what, withinMs },
    );
  return {
    plane, nats: nats as TestNatsServer, namespace, connection, admin, start, kubeconfig,
    service: (name: string): Promise<InferenceServiceObject> => admin.get(inferenceServices, key(name)),
    createService: (name: string, spec: object = {}, metadata: object = {}) =>
      admin.create(inferenceServices, { apiVersion: 'grm.dev/v1alpha1', kind: 'GRMInferenceService', metadata: { namespace, name, ...metadata }, spec: { model: { builtin: 'nano-judge' }, ...spec } }),
    changeService: (name: string, spec: object) => admin.patch(inferenceServices, key(name), { spec }, { type: 'merge' }),
    until: (name: string, isSo: (service: InferenceServiceObject) => boolean, what: string, withinMs?: number) => until(inferenceServices, name, isSo, what, withinMs),
    deployments: async (name: string): Promise<LiveDeployment[]> => admin.list(deployments, { namespace, labelSelector: `app.kubernetes.io/instance=${name}` }),
    pods: async (name: string, component?: string): Promise<LivePod[]> =>
      (await admin.list(pods, { namespace, labelSelector: `app.kubernetes.io/instance=${name}${component === undefined ? '' : `,app.kubernetes.io/component=${component}`}` })).filter(({ metadata }) => metadata.deletionTimestamp === undefined),
    eventsOf: async (name: string): Promise<string[]> => (await admin.list(events, { namespace })).filter(({ regarding }) => regarding.name === name).map(({ reason }) => reason),
    gone: (type: ResourceType, name: string, withinMs = 30_000) => waitUntil(() => admin.get(type, key(name)).then(() => undefined, (error: unknown) => (isNotFound(error) ? true : undefined)), { what: `the end of ${type.kind} ${name}`, withinMs }),
    [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose](),
  };
}

export const isTrue = ({ status }: InferenceServiceObject, type: string): boolean => status?.conditions?.find((condition) => condition.type === type)?.status === 'True';
