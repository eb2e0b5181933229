import { type GRMTrainingRunStatus, runPhases } from '@grm/resources';

export const phases = runPhases;
/** For printing only: conditions are the API. */
export type Phase = (typeof runPhases)[number];

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

/** Read only: it is computed anew, never changed. */
export type TrainingRunStatus = { readonly [Field in keyof GRMTrainingRunStatus]: GRMTrainingRunStatus[Field] };
export type LastFailure = NonNullable<GRMTrainingRunStatus['lastFailure']>;
export type SuspensionRecord = NonNullable<GRMTrainingRunStatus['suspension']>;
