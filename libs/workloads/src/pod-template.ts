import type { GRMResource } from '@grm/resources';
import { type Component, metadataOf, programOf } from './component.ts';
import type { Container, PodTemplate, Probe, Volume, VolumeMount } from './kubernetes-objects.ts';
import type { Place, Site } from './site.ts';

export interface PodPlan {
  readonly resource: GRMResource;
  readonly component: Component;
  readonly site: Site;
  readonly environment: Readonly<Record<string, string>>;
  /** CPU cores that the process keeps busy. */
  readonly cores: number;
  readonly memory: string;
  /** Places that must be there, in the order of their mounts. */
  readonly places: readonly Place[];
  readonly volumes?: readonly Volume[];
  readonly mounts?: readonly VolumeMount[];
  readonly restartPolicy: 'Always' | 'Never';
  /** Seconds between SIGTERM and SIGKILL: longer than the longest task, so that what is in flight finishes. */
  readonly graceSeconds: number;
}

const HTTP_PORT = 8080;
const GROUP = 65_532;

/** A pod of one component: one container that runs the component's program and writes nowhere but to its mounts. */
export function podTemplate(plan: PodPlan): PodTemplate {
  const { volumes, mounts } = mountsOf(plan);
  return {
    metadata: { labels: metadataOf(plan.resource, plan.component).labels },
    spec: {
      containers: [container(plan, mounts)],
      volumes,
      restartPolicy: plan.restartPolicy,
      terminationGracePeriodSeconds: plan.graceSeconds,
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, fsGroup: GROUP, seccompProfile: { type: 'RuntimeDefault' } },
    },
  };
}

function container({ component, site, environment, cores, memory, restartPolicy }: PodPlan, mounts: readonly VolumeMount[]): Container {
  const variables = {
    GRM_NATS_URL: site.natsUrl,
    GRM_HTTP_HOST: '0.0.0.0',
    GRM_HTTP_PORT: String(HTTP_PORT),
    GRM_LOG_LEVEL: site.logLevel,
    ...(site.telemetryEndpoint === undefined ? {} : { OTEL_EXPORTER_OTLP_ENDPOINT: site.telemetryEndpoint }),
    ...environment,
  };
  return {
    name: component,
    image: site.image,
    command: ['node', `apps/${programOf(component)}/dist/main.js`],
    env: Object.entries(variables).map(([name, value]) => ({ name, value })),
    ports: [{ name: 'http', containerPort: HTTP_PORT }],
    resources: { requests: { cpu: String(cores), memory } },
    volumeMounts: mounts,
    ...(restartPolicy === 'Always' ? probes() : {}),
    securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
  };
}

/** Ten minutes to load a model, then out of rotation after 15 s of not ready and restarted after 60 s of not alive. */
function probes(): Pick<Container, 'startupProbe' | 'readinessProbe' | 'livenessProbe'> {
  const probe = (path: string, periodSeconds: number, failureThreshold: number): Probe => ({
    httpGet: { path, port: 'http' },
    periodSeconds,
    timeoutSeconds: 5,
    failureThreshold,
  });
  return {
    startupProbe: probe('/readyz', 5, 120),
    readinessProbe: probe('/readyz', 5, 3),
    livenessProbe: probe('/healthz', 10, 6),
  };
}

/** What several places share is mounted once. */
function mountsOf({ places, volumes = [], mounts = [] }: PodPlan): { volumes: Volume[]; mounts: VolumeMount[] } {
  const volumeByName = new Map<string, Volume>([['tmp', { name: 'tmp', emptyDir: {} }]]);
  const mountByPath = new Map<string, VolumeMount>([['/tmp', { name: 'tmp', mountPath: '/tmp' }]]);
  for (const volume of volumes) volumeByName.set(volume.name, volume);
  for (const mount of mounts) mountByPath.set(mount.mountPath, mount);
  for (const { mount } of places) {
    if (mount === undefined) continue;
    const { volume, mountPath, readOnly } = mount;
    volumeByName.set(volume.name, volume);
    mountByPath.set(mountPath, { name: volume.name, mountPath, ...(readOnly ? { readOnly } : {}) });
  }
  return { volumes: [...volumeByName.values()], mounts: [...mountByPath.values()] };
}
