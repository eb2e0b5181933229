import { secondsBetween } from '../background/seconds-between.ts';
import type { LivePod } from '../kubernetes/live-pod.ts';
import { nothing, type Step, together } from './run-action.ts';
import type { RunFacts } from './run-facts.ts';
import type { RunWishes } from './run-wishes.ts';
import { currentPod, isLive, runningSince } from './trainer-pods.ts';

/** A pod that was told to end and has not, so long after its grace, is on a node that does not answer, s. A kubelet that works is done within a few. */
export const LOST_AFTER_SECONDS = 30;

/**
 * Gives up pods on nodes that do not answer, which would else be waited for as long as the node is away. A node that works on in silence may
 * train on for a while: its trainer stops when it sees another one's progress.
 */
export function decideLostPods({ pods, now }: Pick<RunFacts, 'pods' | 'now'>): Step {
  return together(...pods.filter(isLive).map((pod) => decideLostPod(pod, now)));
}

function decideLostPod(pod: LivePod, now: Date): Step {
  // The API server has put the pod's grace into it.
  const { deletionTimestamp } = pod.metadata;
  if (deletionTimestamp === undefined) return nothing;
  const left = LOST_AFTER_SECONDS - secondsBetween(new Date(deletionTimestamp), now);
  return left > 0 ? { actions: [], afterSeconds: left } : { actions: [{ kind: 'release-lost-pod', pod }] };
}

/** The trainer's silence, s: since it was heard last, or since it runs, or since it could be heard at all. Undefined while there is nothing to hear. */
export function silenceOf({ pods, progress, now }: RunFacts): number | undefined {
  const pod = currentPod(pods);
  const since = pod === undefined || pod.metadata.deletionTimestamp !== undefined ? undefined : runningSince(pod);
  if (since === undefined || progress.kind === 'unavailable') return undefined;
  const heardAt = progress.kind === 'none' ? undefined : progress.heardAt;
  const from = Math.max(since.getTime(), progress.listeningSince.getTime(), heardAt?.getTime() ?? 0);
  return Math.max(secondsBetween(new Date(from), now), 0);
}

/** Evicts a trainer that is silent for too long: eviction is a disruption, so it does not count as a failure, and the next one starts from the checkpoint. */
export function decideHeartbeat(facts: RunFacts, { heartbeatDeadlineSeconds }: RunWishes): Step {
  const pod = currentPod(facts.pods);
  const silence = silenceOf(facts);
  if (pod === undefined || silence === undefined || heartbeatDeadlineSeconds === 0) return nothing;
  const left = heartbeatDeadlineSeconds - silence;
  if (left > 0) return { actions: [], afterSeconds: left };
  return { actions: [{ kind: 'evict-trainer', pod, silentSeconds: Math.round(silence) }] };
}
