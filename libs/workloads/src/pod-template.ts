import type { GRMResource, Resources } from '@grm/resources';
import { type Component, metadataOf, programOf, selectorOf } from './component.ts';
import type { Amounts, Container, PodSpec, PodTemplate, Probe, Volume, VolumeMount } from './kubernetes-objects.ts';
import { natsFiles, type NatsFiles } from './nats-files.ts';
import { usualPods } from './pod-defaults.ts';
import type { Sidecar } from './plan-server.ts';
import type { Place, Site } from './site.ts';

/** Whole GPUs of one product. */
export interface Gpus {
  readonly product: string;
  readonly count: number;
}

export interface PodPlan {
  readonly resource: GRMResource;
  readonly component: Component;
  readonly revision?: string;
  readonly site: Site;
  readonly environment: Readonly<Record<string, string>>;
  /** Variables whose values Secrets of the namespace hold. */
  readonly secrets?: Readonly<Record<string, { readonly name: string; readonly key: string }>>;
  /** Arguments after the program. */
  readonly arguments?: readonly string[];
  /** CPU cores that the process keeps busy. */
  readonly cores: number;
  readonly memory: string;
  /** In place of what `cores` and `memory` come to. */
  readonly resources?: Resources;
  readonly gpus?: Gpus;
  /** A server that computes for the process; GPUs are its own then. */
  readonly sidecar?: Sidecar;
  /** Places that must be there, in the order of their mounts. */
  readonly places: readonly Place[];
  readonly volumes?: readonly Volume[];
  readonly mounts?: readonly VolumeMount[];
  readonly restartPolicy: 'Always' | 'Never';
  /** Longest that the process may take to finish what is in flight, seconds. */
  readonly drainSeconds: number;
}

const HTTP_PORT = 8080;
/** The user of the images. */
const USER = 65_532;
/** Seconds between the end of draining and SIGKILL. */
const GRACE_SECONDS = 10;

/** A pod of one component: a container that runs the component's program and writes nowhere but to its mounts, and the server that it asks, where there is one. */
export function podTemplate(plan: PodPlan): PodTemplate {
  const { resource, component, site, restartPolicy } = plan;
  const { volumes, mounts } = mountsOf(plan);
  return {
    metadata: podMetadata(plan),
    spec: {
      // A run's pods are alone in theirs: they take the namespace's own account, of which they see no token.
      ...(resource.kind === 'GRMInferenceService' ? { serviceAccountName: metadataOf(resource, component).name } : {}),
      ...(site.imagePullSecrets === undefined || site.imagePullSecrets.length === 0 ? {} : { imagePullSecrets: site.imagePullSecrets.map((name) => ({ name })) }),
      ...placement(plan),
      ...(plan.sidecar === undefined ? {} : { initContainers: [plan.sidecar.container], enableServiceLinks: false }),
      containers: [container(plan, mounts)],
      volumes,
      restartPolicy,
      terminationGracePeriodSeconds: plan.drainSeconds + GRACE_SECONDS,
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: USER, fsGroup: USER, seccompProfile: { type: 'RuntimeDefault' } },
    },
  };
}

/** The site's own labels select nothing, and take the place of none that does. */
function podMetadata({ resource, component, revision, site: { pods = usualPods } }: PodPlan): PodTemplate['metadata'] {
  const { labels } = metadataOf(resource, component, revision);
  return { labels: { ...pods.labels, ...labels }, ...(Object.keys(pods.annotations).length === 0 ? {} : { annotations: pods.annotations }) };
}

/** GPUs by their product, past the taint that keeps others off them, as the site says; replicas on different nodes where that can be. */
function placement({ resource, component, revision, site: { pods = usualPods }, gpus, restartPolicy }: PodPlan): Partial<PodSpec> {
  const { nodeLabel, products, runtimeClassName } = pods.gpuPool;
  const { nodeSelector, tolerations, priorityClassName } = gpus === undefined ? pods : pods.gpuPool;
  const selected = { ...nodeSelector, ...(gpus === undefined ? {} : { [nodeLabel]: products[gpus.product] ?? gpus.product }) };
  return {
    ...(Object.keys(selected).length === 0 ? {} : { nodeSelector: selected }),
    ...(tolerations.length === 0 ? {} : { tolerations }),
    ...(priorityClassName === undefined ? {} : { priorityClassName }),
    ...(gpus === undefined || runtimeClassName === undefined ? {} : { runtimeClassName }),
    ...(restartPolicy === 'Never'
      ? {}
      : { topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'ScheduleAnyway', labelSelector: { matchLabels: selectorOf(resource, component, revision) } }] }),
  };
}

function container(plan: PodPlan, mounts: readonly VolumeMount[]): Container {
  const { component, site, environment, secrets = {}, restartPolicy, drainSeconds } = plan;
  const variables = {
    GRM_NATS_URL: site.natsUrl,
    ...natsFilesOf(plan).variables,
    GRM_HTTP_HOST: '0.0.0.0',
    GRM_HTTP_PORT: String(HTTP_PORT),
    GRM_LOG_LEVEL: site.logLevel,
    GRM_DRAIN_MS: String(drainSeconds * 1000),
    ...(site.telemetryEndpoint === undefined ? {} : { OTEL_EXPORTER_OTLP_ENDPOINT: site.telemetryEndpoint }),
    ...environment,
  };
  return {
    name: component,
    image: site.image,
    command: ['node', `apps/${programOf(component)}/dist/main.js`, ...(plan.arguments ?? [])],
    env: [...Object.entries(variables).map(([name, value]) => ({ name, value })), ...Object.entries(secrets).map(([name, secretKeyRef]) => ({ name, valueFrom: { secretKeyRef } }))],
    ports: [{ name: 'http', containerPort: HTTP_PORT }],
    resources: amountsOf(plan),
    volumeMounts: mounts,
    terminationMessagePolicy: 'FallbackToLogsOnError',
    ...(restartPolicy === 'Always' ? probes() : {}),
    securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
  };
}

/**
 * Memory is bounded by what is asked for: a node never has to choose whom to end. A limit that stands alone is what is asked for, as Kubernetes has it.
 * GPUs are whole, so they are limits.
 */
function amountsOf({ cores, memory, resources, gpus, sidecar }: PodPlan): { requests: Amounts; limits: Amounts } {
  const requests = { cpu: String(cores), memory, ...resources?.limits, ...resources?.requests };
  const limits = { memory: requests.memory, ...resources?.limits };
  return { requests, limits: gpus === undefined || sidecar !== undefined ? limits : { ...limits, 'nvidia.com/gpu': String(gpus.count) } };
}

/**
 * Ten minutes to load a model, looked at every second: a roll-out waits for each worker in turn. A pod is ready with its first good answer, since kubelets ask for
 * readiness at once when a container has started; then it is out of rotation after 15 s of not ready, and restarted after 60 s of not alive.
 */
function probes(): Pick<Container, 'startupProbe' | 'readinessProbe' | 'livenessProbe'> {
  const probe = (path: string, periodSeconds: number, failureThreshold: number): Probe => ({
    httpGet: { path, port: 'http' },
    periodSeconds,
    timeoutSeconds: 5,
    failureThreshold,
  });
  return {
    startupProbe: probe('/readyz', 1, 600),
    readinessProbe: probe('/readyz', 5, 3),
    livenessProbe: probe('/healthz', 10, 6),
  };
}

const natsFilesOf = ({ resource, component, site }: PodPlan): NatsFiles => natsFiles(site, `${metadataOf(resource, component).name}-nats`);

/** What several places share is mounted once. */
function mountsOf(plan: PodPlan): { volumes: Volume[]; mounts: VolumeMount[] } {
  const { places, sidecar, volumes = [], mounts = [] } = plan;
  const volumeByName = new Map<string, Volume>([['tmp', { name: 'tmp', emptyDir: {} }]]);
  const mountByPath = new Map<string, VolumeMount>([['/tmp', { name: 'tmp', mountPath: '/tmp' }]]);
  const add = (volume: Volume, mount: Omit<VolumeMount, 'name'>) => {
    volumeByName.set(volume.name, volume);
    mountByPath.set(mount.mountPath, { name: volume.name, ...mount });
  };
  for (const volume of [...volumes, ...(sidecar?.volumes ?? [])]) volumeByName.set(volume.name, volume);
  for (const mount of mounts) mountByPath.set(mount.mountPath, mount);
  for (const { volume, mount } of natsFilesOf(plan).mounted) add(volume, mount);
  for (const { mount } of places) {
    if (mount !== undefined) add(mount.volume, { mountPath: mount.mountPath, ...(mount.readOnly ? { readOnly: true } : {}) });
  }
  return { volumes: [...volumeByName.values()], mounts: [...mountByPath.values()] };
}
