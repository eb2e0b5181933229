import { type ApiError, isConflict, type KubernetesObject } from '@grm/controller-runtime';

/** Somebody else has set fields of a child that the operator would set otherwise. They are left as they are. */
export interface FieldConflict {
  readonly component: string;
  readonly child: string;
  /** Whether it is about replicas and nothing else. */
  readonly replicasOnly: boolean;
  readonly message: string;
}

/** The conflict that a server-side apply was refused with; absent for any other error. */
export function fieldConflictOf(child: KubernetesObject, error: unknown): FieldConflict | undefined {
  if (!isConflict(error) || !error.causes.some(({ reason }) => reason === 'FieldManagerConflict')) return undefined;
  const fields = error.causes.map(({ field }) => field ?? '');
  const replicasOnly = fields.every((field) => field === '.spec.replicas');
  const owners = [...new Set(error.causes.map(({ message }) => /"([^"]+)"/.exec(message ?? '')?.[1] ?? 'somebody'))].join(', ');
  const advice = replicasOnly ? 'scale the GRMInferenceService instead, or leave them to it' : 'undo the change, or make it in the GRMInferenceService';
  return {
    component: child.metadata.labels?.['app.kubernetes.io/component'] ?? child.kind,
    child: child.metadata.name,
    replicasOnly,
    message: `${owners} has set ${fields.join(', ')} of ${child.kind} ${child.metadata.name}; ${advice}`,
  };
}

/** Whether all that is in the way was written by the operator itself, outside of apply. */
export function isOwnConflict(error: unknown, fieldManager: string): error is ApiError {
  return isConflict(error) && error.causes.length > 0 && error.causes.every(({ reason, message }) => reason === 'FieldManagerConflict' && message?.includes(`"${fieldManager}"`) === true);
}
