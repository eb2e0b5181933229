import type { RunWishes } from './run-wishes.ts';

/** The fields of a spec that the operator itself follows. */
interface OperatedSpec {
  readonly suspend: boolean;
  readonly suspendDeadlineSeconds?: number;
  readonly heartbeatDeadlineSeconds?: number;
  readonly queueName?: string;
  readonly ttlSecondsAfterFinished?: number;
  readonly rollouts: { readonly replicas: number };
  readonly base?: { readonly trainingRun: { readonly name: string } } | object;
  readonly checkpoint: { readonly to?: { readonly objectStore: { readonly bucket: string } } | object };
}

export function wishesOf(spec: OperatedSpec): RunWishes {
  const { base, checkpoint, ttlSecondsAfterFinished } = spec;
  const store = checkpoint.to;
  return {
    suspend: spec.suspend,
    suspendDeadlineSeconds: spec.suspendDeadlineSeconds ?? 120,
    heartbeatDeadlineSeconds: spec.heartbeatDeadlineSeconds ?? 300,
    queueName: spec.queueName ?? '',
    rolloutReplicas: spec.rollouts.replicas,
    ...(ttlSecondsAfterFinished === undefined ? {} : { ttlSecondsAfterFinished }),
    ...(base !== undefined && 'trainingRun' in base ? { baseRun: base.trainingRun.name } : {}),
    ...(store !== undefined && 'objectStore' in store ? { checkpointBucket: store.objectStore.bucket } : {}),
  };
}
