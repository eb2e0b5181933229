import { secondsBetween } from '../background/seconds-between.ts';
import type { RunFacts } from './run-facts.ts';
import { nothing, type Step } from './run-action.ts';
import type { RunWishes } from './run-wishes.ts';
import { isLive } from './trainer-pods.ts';

/** What suspending a run comes to next. `rest`: nothing of it runs. */
export type SuspensionStage = 'ask' | 'wait' | 'stop' | 'end' | 'rest';

export interface SuspensionStep extends Step {
  readonly stage: SuspensionStage;
}

/**
 * Two phases: the trainer is asked to save a checkpoint and may take its time, within a bound; then its Job is stopped, which the trainer
 * notices too (SIGTERM), and has the pod's grace to save what it did not. A Job that Kueue admitted is deleted, since a suspended one keeps its quota.
 */
export function decideSuspension(facts: RunFacts, wishes: RunWishes): SuspensionStep {
  const { status, job, suspendCall, now } = facts;
  if (isStopped(facts, wishes)) return { stage: 'rest', ...nothing };
  if (job === undefined || isStopping(facts, wishes)) return { stage: 'end', ...nothing };
  const waited = status.suspension === undefined ? 0 : secondsBetween(new Date(status.suspension.requestedAt), now);
  const left = wishes.suspendDeadlineSeconds - waited;
  const nobodyToAsk = job.spec.suspend === true || !facts.pods.some(isLive);
  if (nobodyToAsk || left <= 0) return stop(wishes);
  switch (suspendCall.kind) {
    case 'none':
      return { stage: 'ask', actions: [{ kind: 'ask-to-suspend', waitMs: left * 1000 }], afterSeconds: left };
    case 'pending':
      return { stage: 'wait', actions: [], afterSeconds: left };
    case 'failed':
      return stop(wishes);
    case 'done':
      // A run that came to its end meanwhile ends by itself, and is then complete or failed, not suspended.
      if (suspendCall.value.kind === 'suspended' && suspendCall.value.progress.phase !== 'Suspended') return { stage: 'wait', actions: [], afterSeconds: left };
      return stop(wishes);
  }
}

/** Nothing of the run holds a place. */
export function isStopped(facts: RunFacts, wishes: RunWishes): boolean {
  const { job, pods } = facts;
  if (pods.some(isLive)) return false;
  if (job === undefined) return true;
  return isParked(wishes, job.spec.suspend) && (job.status?.active ?? 0) === 0 && (job.status?.terminating ?? 0) === 0;
}

/** Stopped is a Job of a queue when it is gone, another one when it is suspended. */
const isParked = (wishes: RunWishes, suspended: boolean | undefined): boolean => wishes.queueName === '' && suspended === true;

function isStopping({ job }: RunFacts, wishes: RunWishes): boolean {
  return job?.metadata.deletionTimestamp !== undefined || isParked(wishes, job?.spec.suspend);
}

function stop({ queueName }: RunWishes): SuspensionStep {
  return { stage: 'stop', actions: [{ kind: queueName === '' ? 'suspend-job' : 'delete-job' }] };
}
