import type { LivePod } from '../kubernetes/live-pod.ts';

/**
 * A merge patch for the status of a pod whose node does not answer: failed, by a disruption, as Kubernetes' own pod garbage collector marks the
 * pods of a node that is gone. Without it the Job waits for the node, and with a failure that counts it would use up its retries.
 */
export function lostPodStatus({ metadata, status }: LivePod, now: Date): object {
  const others = (status?.conditions ?? []).filter(({ type }) => type !== 'DisruptionTarget');
  const message = 'the pod was told to end and its node does not answer';
  const lastTransitionTime = `${now.toISOString().slice(0, 19)}Z`;
  return {
    metadata: { uid: metadata.uid },
    status: {
      phase: 'Failed',
      reason: 'NodeLost',
      message,
      conditions: [...others, { type: 'DisruptionTarget', status: 'True', reason: 'NodeLost', message, lastTransitionTime }],
    },
  };
}
