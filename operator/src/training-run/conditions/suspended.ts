import { suspensionOf } from '../suspension-record.ts';
import { condition, type ConditionOf } from './run-condition.ts';

export const suspended: ConditionOf = (input) => {
  const { facts: { status, job }, decision: { goal } } = input;
  if (goal.kind === 'delete') return undefined;
  if (goal.kind !== 'suspend') return condition('Suspended', 'False', 'NotSuspended', 'the run is not suspended');
  if (goal.stage !== 'rest') return condition('Suspended', 'False', 'Suspending', stages[goal.stage]);
  if (status.jobName === undefined && job === undefined) return condition('Suspended', 'True', 'Suspended', 'the run has not started; it does when spec.suspend is false');
  const checkpoint = suspensionOf(input)?.checkpoint;
  const from = checkpoint === undefined ? 'from the beginning of its stage' : `from checkpoint ${checkpoint}`;
  return condition('Suspended', 'True', 'Suspended', `nothing of the run is running; it goes on ${from} when spec.suspend is false`);
};

const stages = {
  ask: 'the trainer is asked to save a checkpoint',
  wait: 'the trainer saves a checkpoint',
  stop: 'the trainer is stopped',
  end: 'the trainer ends',
} as const;
