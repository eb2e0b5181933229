/** What a run's spec asks of the operator, as opposed to its trainer. */
export interface RunWishes {
  readonly suspend: boolean;
  /** How long the trainer may take to save its checkpoint before it is stopped all the same, s. */
  readonly suspendDeadlineSeconds: number;
  /** A trainer that is silent for so long is taken for lost, s; 0: never. */
  readonly heartbeatDeadlineSeconds: number;
  /** Kueue's LocalQueue; empty: none. */
  readonly queueName: string;
  /** How long after its end the run is deleted, s; undefined: never. */
  readonly ttlSecondsAfterFinished?: number;
  /** Samplers of its own. */
  readonly rolloutReplicas: number;
  /** Name of the run, in the same namespace, whose policy this one starts from. */
  readonly baseRun?: string;
  /** Bucket of the object store that checkpoints lie in. */
  readonly checkpointBucket?: string;
}
