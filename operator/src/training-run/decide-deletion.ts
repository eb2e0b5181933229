import type { KubernetesObject } from '@grm/controller-runtime';
import { nothing, type Step, together } from './run-action.ts';
import type { RunFacts } from './run-facts.ts';
import { decideLostPods } from './decide-trainer-health.ts';
import { isLive } from './trainer-pods.ts';
import { CLEANUP_FINALIZER, FORCE_DELETE_ANNOTATION } from './training-run-object.ts';

/** How many clean-ups may be under way is bounded; one that has to wait for another looks again after so long, s. */
const TURN_SECONDS = 1;

/** GPUs first; then what lies in NATS, for a bounded time; then the run goes, whatever is left. */
export function decideDeletion(facts: RunFacts): Step {
  const { run, job, rollouts, status, cleanUp } = facts;
  if (run.metadata.finalizers?.includes(CLEANUP_FINALIZER) !== true) return nothing;
  if (run.metadata.annotations?.[FORCE_DELETE_ANNOTATION] === 'true') {
    return { actions: [{ kind: 'remove-finalizer', left: `everything that it may have on NATS, since it is annotated with ${FORCE_DELETE_ANNOTATION}` }] };
  }
  if (job !== undefined || rollouts !== undefined || facts.pods.some(isLive)) return decideRelease(facts);
  // Never started, so it has nothing anywhere.
  if (status.jobName === undefined) return { actions: [{ kind: 'remove-finalizer' }] };
  switch (cleanUp.kind) {
    case 'none':
      return { actions: [{ kind: 'clean-up' }], afterSeconds: TURN_SECONDS };
    case 'pending':
      return nothing;
    case 'done':
      return { actions: [{ kind: 'remove-finalizer' }] };
    case 'failed':
      return { actions: [{ kind: 'remove-finalizer', left: cleanUp.error.message }] };
  }
}

function decideRelease(facts: RunFacts): Step {
  const stays = (child: KubernetesObject | undefined): boolean => child !== undefined && child.metadata.deletionTimestamp === undefined;
  return together(
    stays(facts.job) ? { actions: [{ kind: 'delete-job' }] } : nothing,
    stays(facts.rollouts) ? { actions: [{ kind: 'delete-rollouts' }] } : nothing,
    decideLostPods(facts),
  );
}
