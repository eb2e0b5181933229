import { secondsBetween } from '../background/seconds-between.ts';
import { decideBase, type Hold } from './decide-base.ts';
import { decideDeletion } from './decide-deletion.ts';
import { decideRunning } from './decide-running.ts';
import { decideSuspension, isStopped, type SuspensionStage } from './decide-suspension.ts';
import { decideLostPods } from './decide-trainer-health.ts';
import { nothing, type Step, together } from './run-action.ts';
import { endOf, type RunEnd } from './run-end.ts';
import type { RunFacts } from './run-facts.ts';
import type { RunWishes } from './run-wishes.ts';
import { CLEANUP_FINALIZER } from './training-run-object.ts';

/** What the operator wants of a run just now. */
export type RunGoal =
  | { readonly kind: 'delete' }
  | { readonly kind: 'finished'; readonly end: RunEnd }
  | { readonly kind: 'held'; readonly hold: Hold }
  | { readonly kind: 'suspend'; readonly stage: SuspensionStage }
  /** It was suspended, and may go on: that is written down before anything starts, so that a crash between both does not suspend it again. */
  | { readonly kind: 'resume' }
  | { readonly kind: 'run' };

export interface RunDecision extends Step {
  readonly goal: RunGoal;
}

/** What a run needs next. The first that applies: deletion, its end, a spec that cannot be followed, suspension, a base to wait for, running. */
export function decideRun(facts: RunFacts): RunDecision {
  if (facts.run.metadata.deletionTimestamp !== undefined) return { goal: { kind: 'delete' }, ...decideDeletion(facts) };
  const end = endOf(facts);
  if (end !== undefined) return { goal: { kind: 'finished', end }, ...decideFinished(facts, end) };
  if (facts.spec.kind === 'invalid') return held({ reason: 'InvalidSpec', message: facts.spec.message });
  const { wishes } = facts.spec;
  const suspended = decideSuspended(facts, wishes);
  if (suspended !== undefined) return suspended;
  const hold = facts.job === undefined && facts.status.jobName === undefined ? decideBase(facts.base) : undefined;
  if (hold !== undefined) return held(hold);
  return { goal: { kind: 'run' }, ...together(decideFinalizer(facts), decideRunning(facts, wishes)) };
}

const held = (hold: Hold): RunDecision => ({ goal: { kind: 'held', hold }, ...nothing });

/** Before anything is made that deletion has to take away. */
function decideFinalizer({ run }: RunFacts): Step {
  return run.metadata.finalizers?.includes(CLEANUP_FINALIZER) === true ? nothing : { actions: [{ kind: 'add-finalizer' }] };
}

/** A suspension that has begun is brought to its end even where nobody wants it any more: a trainer that was told to stop does stop. */
function decideSuspended(facts: RunFacts, wishes: RunWishes): RunDecision | undefined {
  const begun = facts.status.suspension !== undefined;
  if (!wishes.suspend && !begun) return undefined;
  if (!wishes.suspend && isStopped(facts, wishes)) return { goal: { kind: 'resume' }, actions: [{ kind: 'forget-suspend-call' }], afterSeconds: 0 };
  const { stage, ...step } = decideSuspension(facts, wishes);
  const release = stage === 'end' || stage === 'rest' ? deleteRollouts(facts) : nothing;
  return { goal: { kind: 'suspend', stage }, ...together(step, release, decideLostPods(facts)) };
}

/** Samplers go with their run; the Job stays for its log until the run is deleted. */
function decideFinished(facts: RunFacts, end: RunEnd): Step {
  const forget: Step = facts.suspendCall.kind === 'none' ? nothing : { actions: [{ kind: 'forget-suspend-call' }] };
  return together(forget, deleteRollouts(facts), decideTimeToLive(facts, end));
}

function deleteRollouts({ rollouts }: RunFacts): Step {
  if (rollouts === undefined || rollouts.metadata.deletionTimestamp !== undefined) return nothing;
  return { actions: [{ kind: 'delete-rollouts' }, { kind: 'remove-rollout-topology' }] };
}

function decideTimeToLive({ spec, now }: RunFacts, end: RunEnd): Step {
  const ttl = spec.kind === 'valid' ? spec.wishes.ttlSecondsAfterFinished : undefined;
  if (ttl === undefined) return nothing;
  const left = ttl - secondsBetween(new Date(end.at), now);
  return left > 0 ? { actions: [], afterSeconds: left } : { actions: [{ kind: 'delete-run' }] };
}
