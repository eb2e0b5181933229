import type { TrainingRunSpec } from './grm-training-run.ts';

/**
 * What decides the outcome of a run, in the order of the manifest's schema: two runs that share it are one run. How often it is
 * tried, on how many threads, who draws, where its state is saved and whether it waits make no other run of it.
 */
export function trainedSpec(spec: TrainingRunSpec): Partial<TrainingRunSpec> {
  const {
    backoffLimit: _retries,
    activeDeadlineSeconds: _deadline,
    heartbeatDeadlineSeconds: _silence,
    suspendDeadlineSeconds: _patience,
    ttlSecondsAfterFinished: _kept,
    engine: _engine,
    checkpoint: _saved,
    artifacts: _published,
    rollouts: _drawn,
    suspend: _wait,
    nodePool: _place,
    resources: _size,
    storage: _disk,
    queueName: _queue,
    ...trained
  } = spec;
  return trained;
}
