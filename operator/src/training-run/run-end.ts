import type { LiveJob } from '../kubernetes/live-job.ts';
import type { FailedReason } from './conditions/reasons.ts';
import { lastFailureOf } from './last-failure.ts';
import type { RunFacts } from './run-facts.ts';
import type { LastFailure } from './status-types.ts';

/** How a run ended. It stays so: what becomes of its Job afterwards changes nothing. */
export type RunEnd =
  | { readonly kind: 'complete'; readonly at: string }
  | { readonly kind: 'failed'; readonly at: string; readonly reason: FailedReason; readonly message: string };

/** Undefined while the run has not ended. */
export function endOf({ status, job, pods, now }: Pick<RunFacts, 'status' | 'job' | 'pods' | 'now'>): RunEnd | undefined {
  return endInStatus(status, now) ?? (job === undefined ? undefined : endOfJob(job, lastFailureOf(pods), now));
}

function endInStatus({ conditions = [], finishedAt }: RunFacts['status'], now: Date): RunEnd | undefined {
  const isTrue = (type: string) => conditions.find((condition) => condition.type === type && condition.status === 'True');
  const at = finishedAt ?? now.toISOString();
  if (isTrue('Complete') !== undefined) return { kind: 'complete', at };
  const failed = isTrue('Failed');
  return failed === undefined ? undefined : { kind: 'failed', at, reason: reasonOf(failed.reason), message: failed.message };
}

/** `Failed` and `Complete` come once every pod has ended, so that nothing holds a GPU any more. */
function endOfJob({ status }: LiveJob, failure: LastFailure | undefined, now: Date): RunEnd | undefined {
  const isTrue = (type: string) => status?.conditions?.find((condition) => condition.type === type && condition.status === 'True');
  const complete = isTrue('Complete');
  if (complete !== undefined) return { kind: 'complete', at: status?.completionTime ?? complete.lastTransitionTime ?? now.toISOString() };
  const failed = isTrue('Failed');
  if (failed === undefined) return undefined;
  return { kind: 'failed', at: failed.lastTransitionTime ?? now.toISOString(), reason: reasonOf(failed.reason), message: [failed.message ?? 'the Job failed', ...wordsOf(failure)].join('; ') };
}

function wordsOf(failure: LastFailure | undefined): string[] {
  if (failure === undefined) return [];
  const { pod, reason, exitCode, message } = failure;
  return [`pod ${pod} ended last: ${reason}${exitCode === undefined ? '' : `, exit code ${exitCode}`}${message === undefined ? '' : `: ${message.trim()}`}`];
}

/** A Job's reason, or one of our own that was read back. The pod failure policy fails a Job for one thing only: a run that no other try would mend. */
function reasonOf(reason: string | undefined): FailedReason {
  if (reason === 'PodFailurePolicy') return 'InvalidRun';
  return reason === 'BackoffLimitExceeded' || reason === 'DeadlineExceeded' || reason === 'InvalidRun' ? reason : 'TrainerFailed';
}
