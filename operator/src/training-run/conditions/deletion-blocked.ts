import { isLive } from '../trainer-pods.ts';
import { condition, type ConditionOf } from './run-condition.ts';

export const deletionBlocked: ConditionOf = ({ facts: { job, rollouts, pods }, decision: { goal } }) => {
  if (goal.kind !== 'delete') return undefined;
  const live = pods.filter(isLive).map(({ metadata }) => metadata.name);
  if (job !== undefined || rollouts !== undefined || live.length > 0) {
    return condition('DeletionBlocked', 'True', 'ReleasingPods', live.length === 0 ? 'its Job and samplers are being deleted' : `waits for the end of pod ${live.join(', ')}`);
  }
  return condition('DeletionBlocked', 'True', 'CleaningUp', 'its progress, checkpoints and queues are being removed from NATS');
};
