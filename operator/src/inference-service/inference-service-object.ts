import { type KubernetesObject, resourceType } from '@grm/controller-runtime';
import { API_VERSION, type GRMInferenceServiceStatus } from '@grm/resources';

/** A GRMInferenceService as the API server has it. Its spec is parsed before it is trusted; its status is the operator's own. */
export interface InferenceServiceObject extends KubernetesObject {
  readonly spec: unknown;
  readonly status?: GRMInferenceServiceStatus;
}

export const inferenceServices = resourceType<InferenceServiceObject>({ apiVersion: API_VERSION, kind: 'GRMInferenceService', plural: 'grminferenceservices', namespaced: true });

/** Index of services by `<namespace>/<run>` of the runs whose models they serve. */
export const SERVED_RUN_INDEX = 'served-run';
