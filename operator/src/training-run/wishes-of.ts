import { TRAINING_DEFAULTS as defaults, type TrainingRunSpec } from '@grm/resources';
import type { RunWishes } from './run-wishes.ts';

/** The fields of a spec that the operator itself follows. */
export function wishesOf({ base, checkpoint, suspend, suspendDeadlineSeconds, heartbeatDeadlineSeconds, queueName, rollouts, ttlSecondsAfterFinished }: TrainingRunSpec): RunWishes {
  const store = checkpoint.to;
  return {
    suspend,
    suspendDeadlineSeconds: suspendDeadlineSeconds ?? defaults.suspendDeadlineSeconds,
    heartbeatDeadlineSeconds: heartbeatDeadlineSeconds ?? defaults.heartbeatDeadlineSeconds,
    queueName: queueName ?? '',
    rolloutReplicas: rollouts.replicas,
    ...(ttlSecondsAfterFinished === undefined ? {} : { ttlSecondsAfterFinished }),
    ...(base !== undefined && 'trainingRun' in base ? { baseRun: base.trainingRun.name } : {}),
    ...(store !== undefined && 'objectStore' in store ? { checkpointBucket: store.objectStore.bucket } : {}),
  };
}
