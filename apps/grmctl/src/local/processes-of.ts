import { join } from 'node:path';
import type { ConfigMap, Container, Deployment, Job, KubernetesObject, PodTemplate } from '@grm/workloads';
import { type HealthCheck, HTTP_PORT, type ProcessSpec } from './process-spec.ts';

export interface ProcessPlace {
  /** Key of the resource that the objects came from. */
  readonly owner: string;
  /** Folder that holds `apps/`; commands run in it. */
  readonly programs: string;
  /** Folder that ConfigMaps are written to. */
  readonly config: string;
  /** The node that runs the commands. */
  readonly node: string;
  readonly revision?: string;
}

/**
 * The processes that a plan's pods are on one machine: a process a replica, ConfigMap mounts as files of a folder,
 * probes as health checks, and loopback in place of the pod's own address.
 */
export function processesOf(objects: readonly KubernetesObject[], place: ProcessPlace): ProcessSpec[] {
  const maps = objects.filter((object) => object.kind === 'ConfigMap');
  return objects.flatMap((object) => {
    if (object.kind === 'Deployment') return replicasOf(object, place, maps);
    // The rest is what a process needs none of: addresses, accounts, claims, budgets, policies.
    return object.kind === 'Job' ? [jobProcess(object, place, maps)] : [];
  });
}

function replicasOf(deployment: Deployment, place: ProcessPlace, maps: readonly ConfigMap[]): ProcessSpec[] {
  const { replicas, template } = deployment.spec;
  return Array.from({ length: replicas ?? 1 }, (_, replica) => ({
    ...processOf(deployment, template, place, maps),
    name: `${nameOf(deployment)}-${replica}`,
    restart: { policy: 'Always' },
  }));
}

function jobProcess(job: Job, place: ProcessPlace, maps: readonly ConfigMap[]): ProcessSpec {
  const { backoffLimit, activeDeadlineSeconds, template } = job.spec;
  return {
    ...processOf(job, template, place, maps),
    name: nameOf(job),
    restart: {
      policy: 'OnFailure',
      retries: backoffLimit,
      ...(activeDeadlineSeconds === undefined ? {} : { timeoutMs: activeDeadlineSeconds * 1000 }),
    },
  };
}

function processOf(
  owner: Deployment | Job,
  { spec }: PodTemplate,
  place: ProcessPlace,
  maps: readonly ConfigMap[],
): Omit<ProcessSpec, 'name' | 'restart'> {
  const [container] = spec.containers;
  if (container === undefined) throw new Error(`${owner.kind} ${owner.metadata.name} has no container`);
  const folders = new Map<string, string>();
  const files: { path: string; content: string }[] = [];
  for (const volume of spec.volumes) {
    if (!('configMap' in volume)) continue;
    const map = maps.find(({ metadata }) => metadata.name === volume.configMap.name);
    const mount = container.volumeMounts.find(({ name }) => name === volume.name);
    if (map === undefined || mount === undefined) throw new Error(`volume ${volume.name} of ${owner.metadata.name} lacks its ConfigMap or mount`);
    const folder = join(place.config, map.metadata.namespace, map.metadata.name);
    folders.set(mount.mountPath, folder);
    files.push(...Object.entries(map.data).map(([file, content]) => ({ path: join(folder, file), content })));
  }
  const { health } = healthOf(container);
  const variables = container.env.map((variable): [string, string] => {
    if ('value' in variable) return [variable.name, moved(variable.value, folders)];
    throw new Error(`${owner.metadata.name}: ${variable.name} lies in a Secret, which only a cluster has; set it where \`grmctl local up\` is started`);
  });
  return {
    owner: place.owner,
    command: (container.command ?? []).map((word, index) => (index === 0 && word === 'node' ? place.node : moved(word, folders))),
    folder: place.programs,
    environment: {
      ...Object.fromEntries(variables),
      GRM_HTTP_HOST: '127.0.0.1',
      GRM_HTTP_PORT: HTTP_PORT,
    },
    files,
    graceMs: spec.terminationGracePeriodSeconds * 1000,
    ...(health === undefined ? {} : { health }),
    ...(place.revision === undefined ? {} : { revision: place.revision }),
  };
}

/** `nano-sampler`, and the namespace before it where it is not the default one. */
function nameOf({ metadata }: Deployment | Job): string {
  const { 'app.kubernetes.io/instance': instance, 'app.kubernetes.io/component': component } = metadata.labels;
  const name = `${instance}-${component}`;
  return metadata.namespace === 'default' ? name : `${metadata.namespace}.${name}`;
}

function moved(text: string, folders: ReadonlyMap<string, string>): string {
  for (const [mountPath, folder] of folders) {
    if (text === mountPath || text.startsWith(`${mountPath}/`)) return folder + text.slice(mountPath.length);
  }
  return text;
}

function healthOf({ startupProbe, readinessProbe, livenessProbe }: Container): { health?: HealthCheck } {
  if (readinessProbe === undefined) return {};
  return {
    health: {
      readyPath: readinessProbe.httpGet.path,
      ...(livenessProbe === undefined ? {} : { alivePath: livenessProbe.httpGet.path }),
      startTimeoutMs: startupProbe === undefined ? 60_000 : startupProbe.periodSeconds * startupProbe.failureThreshold * 1000,
      periodMs: readinessProbe.periodSeconds * 1000,
      readyFailures: readinessProbe.failureThreshold,
      aliveFailures: livenessProbe?.failureThreshold ?? 0,
    },
  };
}
