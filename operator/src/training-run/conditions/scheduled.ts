import type { LivePod } from '../../kubernetes/live-pod.ts';
import { currentPod } from '../trainer-pods.ts';
import { condition, type ConditionOf } from './run-condition.ts';

/** As the scheduler words it: `0/2 nodes are available: 2 Insufficient nvidia.com/gpu. ...` */
const gpusMissing = /Insufficient nvidia\.com\/gpu/;

export const scheduled: ConditionOf = ({ facts: { job, pods }, decision: { goal } }) => {
  if (goal.kind === 'suspend' && goal.stage === 'rest') return condition('Scheduled', 'False', 'Suspended', 'a suspended run gives its place to others');
  if (goal.kind !== 'run' && goal.kind !== 'suspend') return undefined;
  const pod = currentPod(pods);
  if (pod !== undefined) return ofPod(pod);
  return job?.spec.suspend === true && goal.kind === 'run'
    ? condition('Scheduled', 'False', 'WaitingForQueue', 'Kueue has not admitted the Job yet')
    : condition('Scheduled', 'Unknown', 'WaitingForPod', 'there is no trainer pod yet');
};

function ofPod({ metadata, spec, status }: LivePod) {
  const verdict = status?.conditions?.find(({ type }) => type === 'PodScheduled');
  const node = spec?.nodeName;
  if (node !== undefined) return condition('Scheduled', 'True', 'Scheduled', `pod ${metadata.name} is on node ${node}`);
  if (verdict?.status !== 'False') return condition('Scheduled', 'Unknown', 'WaitingForPod', `the scheduler has not looked at pod ${metadata.name} yet`);
  const message = verdict.message ?? 'no node fits';
  return condition('Scheduled', 'False', gpusMissing.test(message) ? 'InsufficientGPU' : 'Unschedulable', message);
}
