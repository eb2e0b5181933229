import { decideHeartbeat, decideLostPods } from './decide-trainer-health.ts';
import { nothing, type Step, together } from './run-action.ts';
import type { RunFacts } from './run-facts.ts';
import type { RunWishes } from './run-wishes.ts';

/** The trainer's Job with all that it needs, its samplers, and its health. */
export function decideRunning(facts: RunFacts, wishes: RunWishes): Step {
  return together(decideRollouts(facts, wishes), decideJob(facts, wishes), decideLostPods(facts), decideHeartbeat(facts, wishes));
}

/**
 * Made once and left alone: another version of the operator must not start a run anew. Only while nothing of it runs may it be made
 * again, from what its spec says by then.
 */
function decideJob({ job, jobIsOutdated, base }: RunFacts, { queueName }: RunWishes): Step {
  // Where the base lies is not known any more once its run is gone.
  const manifest = base.kind === 'none' || base.kind === 'ready' ? 'renew' : 'keep';
  if (job === undefined) return { actions: [{ kind: 'apply-ground', manifest }, { kind: 'create-job' }] };
  if (job.metadata.deletionTimestamp !== undefined) return nothing;
  const ground: Step = { actions: [{ kind: 'apply-ground', manifest: 'keep' }] };
  if (job.spec.suspend !== true) return ground;
  if (jobIsOutdated) return { actions: [{ kind: 'delete-job' }] };
  // A Job of a queue is started by Kueue alone.
  return queueName === '' ? together(ground, { actions: [{ kind: 'unsuspend-job' }] }) : ground;
}

/** Samplers hold places too, so they are there while the Job may run, and no longer. Their queue comes before them and before the trainer. */
function decideRollouts({ job, rollouts }: RunFacts, { queueName, rolloutReplicas }: RunWishes): Step {
  const mayRun = job === undefined ? queueName === '' : job.spec.suspend !== true || queueName === '';
  if (rolloutReplicas > 0 && mayRun) {
    return { actions: rollouts === undefined ? [{ kind: 'provision-rollouts' }, { kind: 'apply-rollouts' }] : [{ kind: 'apply-rollouts' }] };
  }
  if (rollouts === undefined || rollouts.metadata.deletionTimestamp !== undefined) return nothing;
  return { actions: [{ kind: 'delete-rollouts' }, ...(rolloutReplicas === 0 ? [{ kind: 'remove-rollout-topology' } as const] : [])] };
}
