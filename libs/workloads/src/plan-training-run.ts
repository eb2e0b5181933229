import { mapRunSources, type GRMTrainingRun } from '@grm/resources';
import { metadataOf } from './component.ts';
import type { ConfigMap, Job, KubernetesObject } from './kubernetes-objects.ts';
import { podTemplate } from './pod-template.ts';
import { planRolloutSamplers } from './plan-rollout-samplers.ts';
import type { Place, Site } from './site.ts';

const MANIFEST_FOLDER = '/etc/grm';
const MANIFEST_FILE = 'run.json';

/** A Job that runs the trainer, the ConfigMap with the run as the trainer reads it: every source resolved to a path, and the samplers of its judgements. */
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
    data: { [MANIFEST_FILE]: `${JSON.stringify(resolved, undefined, 2)}\n` },
  };
  const { threads } = run.spec.engine.embedded;
  const job: Job = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata,
    spec: {
      backoffLimit: run.spec.backoffLimit,
      ...(run.spec.activeDeadlineSeconds > 0 ? { activeDeadlineSeconds: run.spec.activeDeadlineSeconds } : {}),
      template: podTemplate({
        resource: run,
        component: 'trainer',
        site,
        environment: { GRM_NAMESPACE: run.metadata.namespace, GRM_RUN: `${MANIFEST_FOLDER}/${MANIFEST_FILE}`, GRM_RUN_FOLDER: folder.path },
        cores: threads,
        memory: '2Gi',
        places: [folder, ...places],
        volumes: [{ name: 'run', configMap: { name: metadata.name } }],
        mounts: [{ name: 'run', mountPath: MANIFEST_FOLDER, readOnly: true }],
        restartPolicy: 'Never',
        graceSeconds: 120,
      }),
    },
  };
  return [manifest, job, ...planRolloutSamplers(run, site)];
}
