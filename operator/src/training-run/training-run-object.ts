import { type KubernetesObject, resourceType } from '@grm/controller-runtime';
import { API_VERSION } from '@grm/resources';
import type { TrainingRunStatus } from './status-types.ts';

/** A GRMTrainingRun as the API server has it. Its spec is parsed before it is trusted; its status is the operator's own. */
export interface TrainingRunObject extends KubernetesObject {
  readonly spec: unknown;
  readonly status?: TrainingRunStatus;
}

export const trainingRuns = resourceType<TrainingRunObject>({
  apiVersion: API_VERSION,
  kind: 'GRMTrainingRun',
  plural: 'grmtrainingruns',
  namespaced: true,
});

/** Keeps a run that is deleted until its GPUs are released and NATS is cleaned up, within bounds. */
export const CLEANUP_FINALIZER = 'grm.dev/cleanup';
/** `"true"`: the run goes at once when it is deleted, whatever stays behind. */
export const FORCE_DELETE_ANNOTATION = 'grm.dev/force-delete';
