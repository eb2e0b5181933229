import { secondsBetween } from '../background/seconds-between.ts';
import type { RunFacts } from './run-facts.ts';
import type { TrainingRunStatus } from './status-types.ts';

export type WriteTime = { readonly kind: 'now' } | { readonly kind: 'later'; readonly seconds: number } | { readonly kind: 'never' };

/** How far a stage is, and what it has used, is written this often at most, s. */
export const PROGRESS_SECONDS = 15;
/** A heartbeat alone, s. */
export const HEARTBEAT_SECONDS = 60;
/** A Job that was just made passes through several states within a moment, none of which anybody could act on, s. */
export const SETTLE_SECONDS = 5;

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
  const left = SETTLE_SECONDS - secondsBetween(new Date(jobMadeAt), now);
  return left <= 0 ? { kind: 'now' } : { kind: 'later', seconds: left };
}

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
