import type { Condition } from '@grm/controller-runtime';
import type { EvaluationRow, RunProgress, StageProgress } from '@grm/protocol';

export const phases = ['Pending', 'Queued', 'Running', 'Suspending', 'Suspended', 'Complete', 'Failed', 'Deleting'] as const;
/** For printing only: conditions are the API. */
export type Phase = (typeof phases)[number];

/** In the order in which they are written. What each means: `conditions/reasons.ts`. */
export const conditionTypes = [
  'Accepted',
  'StorageReady',
  'Scheduled',
  'Progressing',
  'CheckpointSaved',
  'KLWithinLimit',
  'Suspended',
  'Complete',
  'Failed',
  'DeletionBlocked',
] as const;
export type ConditionType = (typeof conditionTypes)[number];

/** How the last container of a run that failed did so; kept when its pod is gone. */
export interface LastFailure {
  readonly pod: string;
  readonly container: string;
  readonly reason: string;
  readonly exitCode?: number;
  readonly time: string;
  readonly message?: string;
}

/** A suspension under way or in force. */
export interface SuspensionRecord {
  readonly requestedAt: string;
  /** Whether the trainer said that it has saved what it can. */
  readonly acknowledged: boolean;
  /** Name of the checkpoint that the run goes on from. */
  readonly checkpoint?: string;
}

/** Status of a GRMTrainingRun. Every field is absent until something is known. */
export interface TrainingRunStatus {
  readonly observedGeneration?: number;
  readonly phase?: Phase;
  readonly conditions?: readonly Condition[];
  readonly startedAt?: string;
  readonly finishedAt?: string;
  /** Of the trainer. An operator of another version leaves a run's image alone. */
  readonly image?: string;
  readonly jobName?: string;
  /** Trainers that failed and were started again. */
  readonly restarts?: number;
  readonly stages?: readonly StageProgress[];
  readonly checkpoint?: RunProgress['checkpoint'];
  readonly artifacts?: RunProgress['artifacts'];
  readonly evaluation?: readonly EvaluationRow[];
  readonly usage?: RunProgress['usage'];
  readonly trainer?: { readonly pod?: string; readonly lastHeartbeat?: string };
  readonly suspension?: SuspensionRecord;
  readonly lastFailure?: LastFailure;
}
