import type { RunProgress } from '@grm/protocol';
import { NATS_GRACE_SECONDS, type ProgressFact } from '../nats/progress/progress-fact.ts';
import { secondsBetween } from '../background/seconds-between.ts';
import type { RunFacts } from './run-facts.ts';

/** What the trainer said of this very run; a value from before it was created is of one that had its name. */
export function heardProgress({ progress, run }: Pick<RunFacts, 'progress' | 'run'>): RunProgress | undefined {
  if (progress.kind !== 'known') return undefined;
  const { creationTimestamp } = run.metadata;
  return creationTimestamp !== undefined && progress.heardAt < new Date(creationTimestamp) ? undefined : progress.progress;
}

/** Whether NATS has been away for so long that it is to be said. Until then everything stays as it was. */
export function isAwayForLong(progress: ProgressFact, now: Date): boolean {
  return progress.kind === 'unavailable' && secondsBetween(progress.since, now) >= NATS_GRACE_SECONDS;
}
