import type { StatusInput } from './conditions/run-condition.ts';
import type { Phase } from './status-types.ts';
import { currentPod, runningSince } from './trainer-pods.ts';

/** One word for people. */
export function phaseOf({ facts: { job, pods }, decision: { goal } }: StatusInput): Phase {
  switch (goal.kind) {
    case 'delete':
      return 'Deleting';
    case 'finished':
      return goal.end.kind === 'complete' ? 'Complete' : 'Failed';
    case 'suspend':
      return goal.stage === 'rest' ? 'Suspended' : 'Suspending';
    case 'held':
    case 'resume':
      return 'Pending';
    case 'run': {
      const pod = currentPod(pods);
      if (pod !== undefined && runningSince(pod) !== undefined) return 'Running';
      return pod === undefined && job?.spec.suspend === true ? 'Queued' : 'Pending';
    }
  }
}
