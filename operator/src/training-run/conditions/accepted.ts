import { decideBase } from '../decide-base.ts';
import { condition, type ConditionOf } from './run-condition.ts';

export const accepted: ConditionOf = ({ facts, decision: { goal } }) => {
  if (goal.kind === 'held') return condition('Accepted', 'False', goal.hold.reason, goal.hold.message);
  if (facts.spec.kind === 'invalid') return condition('Accepted', 'False', 'InvalidSpec', facts.spec.message);
  const hold = goal.kind === 'suspend' && facts.status.jobName === undefined ? decideBase(facts.base) : undefined;
  if (hold !== undefined) return condition('Accepted', 'False', hold.reason, hold.message);
  return condition('Accepted', 'True', 'Accepted', 'the run may start');
};
