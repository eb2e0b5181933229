import { type GRMTrainingRun, mapRunSources, TRAINING_DEFAULTS } from '@grm/resources';
import { metadataOf } from './component.ts';
import type { ConfigMap, Job, KubernetesObject, PersistentVolumeClaim, PodFailureRule } from './kubernetes-objects.ts';
import { podTemplate } from './pod-template.ts';
import { planRolloutSamplers } from './plan-rollout-samplers.ts';
import type { Place, Site } from './site.ts';

const MANIFEST_FOLDER = '/etc/grm';
const MANIFEST_FILE = 'run.json';

/** The trainer's exit codes (sysexits.h where there is one): wrong manifest or configuration; stopped, to be started again. */
const MISUSED = 2;
const STOPPED = 75;

/** The ConfigMap with the run as the trainer reads it, every source resolved to a path; the Job that runs the trainer; the samplers of its judgements. */
export function planTrainingRun(run: GRMTrainingRun, site: Site): KubernetesObject[] {
  const metadata = metadataOf(run, 'trainer');
  const places: Place[] = [];
  const resolved = mapRunSources(run, (source) => {
    const place = site.resolve(source);
    places.push(place);
    return place.path;
  });
  const folder = site.runFolder(run.metadata);
  const manifest: ConfigMap = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata,
    immutable: true,
    // The trainer never reads whether it is to wait.
    data: { [MANIFEST_FILE]: `${JSON.stringify({ ...resolved, spec: { ...resolved.spec, suspend: false } }, undefined, 2)}\n` },
  };
  const { engine, nodePool, resources, queueName } = run.spec;
  const { threads } = engine.embedded;
  const bucket = run.spec.artifacts?.to;
  const published = bucket !== undefined && 'objectStore' in bucket ? bucket.objectStore.bucket : site.artifactsBucket;
  const job: Job = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: queueName === undefined ? metadata : { ...metadata, labels: { ...metadata.labels, 'kueue.x-k8s.io/queue-name': queueName } },
    spec: {
      backoffLimit: run.spec.backoffLimit,
      completions: 1,
      parallelism: 1,
      // A second trainer never starts beside one that still stops.
      podReplacementPolicy: 'Failed',
      podFailurePolicy: { rules: failureRules },
      ...(run.spec.activeDeadlineSeconds > 0 ? { activeDeadlineSeconds: run.spec.activeDeadlineSeconds } : {}),
      template: podTemplate({
        resource: run,
        component: 'trainer',
        site,
        environment: {
          GRM_NAMESPACE: run.metadata.namespace,
          GRM_RUN: `${MANIFEST_FOLDER}/${MANIFEST_FILE}`,
          GRM_RUN_FOLDER: folder.path,
          ...(published === undefined ? {} : { GRM_ARTIFACTS_BUCKET: published }),
        },
        ...(resources === undefined ? {} : { resources }),
        ...(nodePool === undefined ? {} : { gpus: { product: nodePool.gpuProduct, count: nodePool.gpusPerNode } }),
        cores: threads,
        memory: '2Gi',
        places: [folder, ...places],
        volumes: [{ name: 'run', configMap: { name: metadata.name } }],
        mounts: [{ name: 'run', mountPath: MANIFEST_FOLDER, readOnly: true }],
        restartPolicy: 'Never',
        drainSeconds: 110,
      }),
    },
  };
  return [manifest, job, ...planRolloutSamplers(run, site)];
}

/** What the loss of a node or a request to stop takes does not count as a failure, and a wrong manifest is not tried again. */
const failureRules: readonly PodFailureRule[] = [
  { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
  { action: 'Ignore', onExitCodes: { containerName: 'trainer', operator: 'In', values: [STOPPED] } },
  { action: 'FailJob', onExitCodes: { containerName: 'trainer', operator: 'In', values: [MISUSED] } },
];

/** The claim of the run's folder: checkpoints and artefacts outlive the pod there. */
export function planRunStorage(run: GRMTrainingRun, storageClass?: string): PersistentVolumeClaim {
  const { size, accessMode, storageClassName = storageClass } = { ...TRAINING_DEFAULTS.storage, ...run.spec.storage };
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: metadataOf(run, 'trainer'),
    spec: { accessModes: [accessMode], ...(storageClassName === undefined ? {} : { storageClassName }), resources: { requests: { storage: size } } },
  };
}
