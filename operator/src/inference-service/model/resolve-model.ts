import { findCondition, isTrue } from '@grm/controller-runtime';
import type { ModelSource } from '@grm/resources';
import { nameOf } from '@grm/workloads';
import type { TrainingRunObject } from '../../training-run/training-run-object.ts';
import type { ModelResolution } from './resolved-model.ts';

/**
 * Where a model lies that a service asks for. A run's model is there when the run is complete; until then one waits.
 * @param runOf the run of a name in the service's namespace
 */
export function resolveModel(source: ModelSource, artifact: 'policy' | 'metaRM', runOf: (name: string) => TrainingRunObject | undefined): ModelResolution {
  const name = nameOf(source);
  if ('trainingRun' in source) return artifactOf(source.trainingRun.name, artifact, runOf(source.trainingRun.name));
  if ('builtin' in source) return { state: 'Resolved', model: { name, uri: `builtin://${source.builtin}` } };
  if ('objectStore' in source) return { state: 'Resolved', model: { name, uri: `nats://${source.objectStore.bucket}/${source.objectStore.key}` } };
  if ('served' in source) return { state: 'Resolved', model: { name, uri: `served://${name}` } };
  return { state: 'Resolved', model: { name, uri: `pvc://${source.volume.claimName ?? ''}/${source.volume.path.replace(/^\//, '')}` } };
}

function artifactOf(run: string, artifact: 'policy' | 'metaRM', object: TrainingRunObject | undefined): ModelResolution {
  if (object === undefined) return { state: 'Waiting', reason: 'RunNotFound', message: `there is no GRMTrainingRun ${run} in this namespace yet` };
  const { conditions, phase = 'new', stages, artifacts } = object.status ?? {};
  const failed = findCondition(conditions, 'Failed');
  if (failed?.status === 'True') return { state: 'Refused', reason: 'RunFailed', message: `GRMTrainingRun ${run} has failed: ${failed.message}` };
  if (!isTrue(conditions, 'Complete')) return { state: 'Waiting', reason: 'WaitingForRun', message: `GRMTrainingRun ${run} is ${phase}${stageOf(stages)}` };
  const found = artifacts?.[artifact];
  if (found === undefined) return { state: 'Refused', reason: 'ArtifactMissing', message: `GRMTrainingRun ${run} is complete and has left no ${artifact}; give it the stage that makes it, or name another model` };
  return { state: 'Resolved', model: { name: run, uri: found.uri, digest: found.digest } };
}

/** `, at grpo 12/60`. */
function stageOf(stages: readonly { readonly name: string; readonly state: string; readonly step: number; readonly steps: number }[] = []): string {
  const running = stages.find(({ state }) => state === 'Running');
  return running === undefined ? '' : `, at ${running.name} ${running.step}/${running.steps}`;
}
