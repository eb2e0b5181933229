/** One measured step of a run's `metrics.jsonl`, in the order in which it was written. */
export interface StepLine {
  readonly stage: string;
  readonly step: number;
  /** What was measured, as JSON; nothing of the clock. */
  readonly values: string;
}

export interface RunRecord {
  readonly lines: readonly StepLine[];
  /** SHA-256 of each artefact. */
  readonly digests: Readonly<Record<string, string>>;
}

/** Two runs of one manifest. */
export interface TrainingHistory {
  readonly disturbed: RunRecord;
  readonly alone: RunRecord;
  /** Times that a trainer went on with the disturbed run. */
  readonly resumed: number;
}
