import type { Condition } from '@grm/controller-runtime';
import { secondsBetween } from '../background/seconds-between.ts';
import type { Reason } from './conditions/reasons.ts';
import type { RunFacts } from './run-facts.ts';
import type { ConditionType, TrainingRunStatus } from './status-types.ts';

export type WriteTime = { readonly kind: 'now' } | { readonly kind: 'later'; readonly seconds: number } | { readonly kind: 'never' };

/** How far a stage is, and what it has used, is written this often at most, s. */
export const PROGRESS_SECONDS = 15;
/** A heartbeat alone, s. */
export const HEARTBEAT_SECONDS = 60;
/** A Job that was just made passes through several states on the way to its pod, none of which anybody could act on, s. */
export const SETTLE_SECONDS = 30;
/** Trouble on that way may be over in a moment, such as a node that is just being freed; after so long somebody is to know of it, s. */
export const TROUBLE_SETTLE_SECONDS = 5;

/**
 * Whether a status is to be written. A thousand trainers that step once a second must not be a thousand writes a second; what changes
 * the state of a run is written at once.
 */
export function whenToWrite(before: TrainingRunStatus, after: TrainingRunStatus, { job, now }: Pick<RunFacts, 'job' | 'now'>): WriteTime {
  if (same(before, after)) return { kind: 'never' };
  if (!same(stateOf(before), stateOf(after))) return settling(before, after, job?.metadata.creationTimestamp, now);
  const due = same(withoutHeartbeat(before), withoutHeartbeat(after)) ? HEARTBEAT_SECONDS : PROGRESS_SECONDS;
  const [written, heard] = [before.trainer?.lastHeartbeat, after.trainer?.lastHeartbeat];
  const left = written === undefined || heard === undefined ? 0 : due - secondsBetween(new Date(written), new Date(heard));
  return left <= 0 ? { kind: 'now' } : { kind: 'later', seconds: left };
}

function settling(before: TrainingRunStatus, after: TrainingRunStatus, jobMadeAt: string | undefined, now: Date): WriteTime {
  if (before.phase !== 'Pending' || after.phase !== 'Pending' || jobMadeAt === undefined) return { kind: 'now' };
  const seconds = isAwaited(before, after) ? TROUBLE_SETTLE_SECONDS : SETTLE_SECONDS;
  const left = seconds - secondsBetween(new Date(jobMadeAt), now);
  return left <= 0 ? { kind: 'now' } : { kind: 'later', seconds: left };
}

/** Whether somebody looks out for the change: trouble that has come or is another one, a failure, or a spec that was taken note of. Trouble that is over is followed by its pod. */
function isAwaited(before: TrainingRunStatus, after: TrainingRunStatus): boolean {
  const noted = ({ observedGeneration, lastFailure, restarts = 0 }: TrainingRunStatus): unknown => ({ observedGeneration, lastFailure, restarts });
  const troubles = ({ conditions = [] }: TrainingRunStatus): readonly string[] => conditions.filter(isTrouble).map(({ type, reason }) => `${type} ${reason}`);
  const known = new Set(troubles(before));
  return !same(noted(before), noted(after)) || troubles(after).some((trouble) => !known.has(trouble));
}

const onTheWay: ReadonlySet<string> = new Set<ConditionType>(['Accepted', 'StorageReady', 'Scheduled', 'Progressing']);
/** False, and as it should be. */
const quiet: ReadonlySet<string> = new Set<Reason<'Scheduled' | 'Progressing'>>(['WaitingForQueue', 'Suspended', 'Suspending', 'Finished', 'Deleting']);

/** As the scheduler words it while a volume is being made, which takes seconds; `StorageReady` says so as well. */
const waitsForVolume = /unbound immediate PersistentVolumeClaims/;

const isTrouble = ({ type, status, reason, message }: Condition): boolean => status === 'False' && onTheWay.has(type) && !quiet.has(reason) && !waitsForVolume.test(message);

/** Everything but numbers that grow by themselves. */
function stateOf({ usage: _usage, progress: _progress, trainer, stages, checkpoint, ...rest }: TrainingRunStatus): unknown {
  return {
    ...rest,
    pod: trainer?.pod,
    stages: stages?.map(({ name, state, startedAt, finishedAt }) => ({ name, state, startedAt, finishedAt })),
    checkpoint: checkpoint?.stage,
  };
}

const withoutHeartbeat = ({ trainer, ...rest }: TrainingRunStatus): unknown => ({ ...rest, pod: trainer?.pod });

/** Equal as JSON objects are: whatever the order of fields, and a field that is undefined is not there. */
function same(one: unknown, other: unknown): boolean {
  return canonical(one) === canonical(other);
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, field: unknown) =>
    typeof field === 'object' && field !== null && !Array.isArray(field)
      ? Object.fromEntries(Object.entries(field).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : field,
  );
}
