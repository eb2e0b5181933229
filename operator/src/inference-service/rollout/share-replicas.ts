import type { ComponentFacts } from './rollout-facts.ts';

export interface Share {
  readonly old: number;
  readonly candidate: number;
}

export interface Bounds {
  readonly maxSurge: number;
  readonly maxUnavailable: number;
}

/**
 * Pods that a component of `total` may have at once while it is replaced, and how many have to answer. The last one that answers is never
 * given up for one that might not, so a component of one gets a second place.
 */
export function boundsOf(total: number, { maxSurge, maxUnavailable }: Bounds): { readonly places: number; readonly leastReady: number } {
  return { places: total + (total === 1 ? Math.max(1, maxSurge) : maxSurge), leastReady: Math.max(Math.min(1, total), total - maxUnavailable) };
}

/**
 * The next replica counts of two revisions that share a component's places, as a Deployment's rolling update reckons. Pods that stop still hold theirs.
 *
 * @param target where the candidate is going: 1 while it is examined, `total` when it takes over.
 * @param taken places that pods of further revisions hold.
 */
export function shareReplicas(total: number, target: number, old: ComponentFacts, candidate: ComponentFacts, taken: number, bounds: Bounds): Share {
  const { places, leastReady } = boundsOf(total, bounds);
  // The old ones give way for what the candidate still lacks, as far as enough of both answer.
  const lacking = Math.max(0, target - candidate.wanted);
  const dispensable = Math.max(0, old.ready + candidate.ready - leastReady);
  const tooMany = Math.max(0, old.wanted + candidate.wanted + lacking - places);
  // One that does not answer can always go: nothing is lost with it.
  const idle = Math.max(0, old.wanted - old.ready);
  const given = Math.min(tooMany, old.wanted, Math.max(idle, dispensable));
  const nextOld = Math.min(old.wanted - given, total);
  // New ones come only into places that are free, not in those of pods that still drain.
  const room = Math.max(0, places - taken - Math.max(old.pods, nextOld));
  return { old: nextOld, candidate: Math.max(Math.min(candidate.wanted, target), Math.min(target, room)) };
}
