import type { TrainingState } from '@grm/language-model';

/** The state of a stage between two steps. */
export interface StageCheckpoint {
  /** Steps done. */
  readonly step: number;
  /** Weights, optimiser moments and their step count. */
  readonly state: TrainingState;
  /** Everything else that the stage goes on from: JSON, read by the stage's own schema. Random streams are derived from the run's seed and the step, so they need no place of their own. */
  readonly cursor: unknown;
}

/** The checkpoints of one stage of one run. */
export interface StageCheckpoints {
  /** The newest that is whole. A damaged one is passed over, and that is said (a notice in the run's progress). */
  newest(): Promise<StageCheckpoint | undefined>;
  /**
   * Writes one and takes away those beyond the `keep` newest. A disk or store that is full does not end the stage: it is said,
   * the older ones stay, and the result is false.
   */
  save(checkpoint: StageCheckpoint): Promise<boolean>;
  /** Takes all of them away, once the stage's result is in its place. */
  clear(): Promise<void>;
}
