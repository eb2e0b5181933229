import type { BaseModel, Dataset, GRMTrainingRun, TrainingRunSpec } from '@grm/resources';
import { metadataOf } from './component.ts';
import type { ConfigMap, Job, KubernetesObject } from './kubernetes-objects.ts';
import { podTemplate } from './pod-template.ts';
import { planRolloutSamplers } from './plan-rollout-samplers.ts';
import type { Place, Reference, Site } from './site.ts';

const MANIFEST_FOLDER = '/etc/grm';
const MANIFEST_FILE = 'run.json';

/** A Job that runs the trainer, the ConfigMap with the run as the trainer reads it: every source resolved to a path, and the samplers of its judgements. */
export function planTrainingRun(run: GRMTrainingRun, site: Site): KubernetesObject[] {
  const metadata = metadataOf(run, 'trainer');
  const places: Place[] = [];
  const resolve = (reference: Reference): { volume: { path: string } } => {
    const place = site.resolve(reference);
    places.push(place);
    return { volume: { path: place.path } };
  };
  const { base, data, ...rest } = run.spec;
  const resolved: GRMTrainingRun = {
    ...run,
    spec: {
      ...(base === undefined ? {} : { base: resolve(referenceOf(base)) }),
      data: data.map((dataset) => resolveDataset(dataset, resolve)),
      ...rest,
      stages: resolveCorpus(rest.stages, resolve),
    },
  };
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

function referenceOf(base: BaseModel): Reference {
  return 'builtin' in base ? { kind: 'builtin', name: base.builtin } : { kind: 'volume', path: base.volume.path };
}

function resolveCorpus({ pretrain, ...others }: TrainingRunSpec['stages'], resolve: (reference: Reference) => { volume: { path: string } }): TrainingRunSpec['stages'] {
  if (pretrain === undefined) return others;
  const { corpus } = pretrain;
  return { pretrain: 'volume' in corpus ? { ...pretrain, corpus: resolve({ kind: 'volume', path: corpus.volume.path }) } : pretrain, ...others };
}

/** A generated dataset has no file, so it stays as it is. */
function resolveDataset(dataset: Dataset, resolve: (reference: Reference) => { volume: { path: string } }): Dataset {
  if ('builtin' in dataset) return dataset;
  return { name: dataset.name, ...resolve({ kind: 'volume', path: dataset.volume.path }) };
}
