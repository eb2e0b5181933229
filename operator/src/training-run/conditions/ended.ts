import { condition, type ConditionOf } from './run-condition.ts';

export const complete: ConditionOf = ({ decision: { goal } }) => {
  if (goal.kind !== 'finished') return condition('Complete', 'False', 'NotComplete', 'not all stages are done');
  return goal.end.kind === 'complete'
    ? condition('Complete', 'True', 'StagesComplete', 'all stages are done')
    : condition('Complete', 'False', 'Failed', goal.end.message);
};

export const failed: ConditionOf = ({ decision: { goal } }) =>
  goal.kind === 'finished' && goal.end.kind === 'failed'
    ? condition('Failed', 'True', goal.end.reason, goal.end.message)
    : condition('Failed', 'False', 'NotFailed', 'the run has not failed');
