import type { LivePod } from '../kubernetes/live-pod.ts';

/** Neither succeeded nor failed: it may hold a GPU, or come to. */
export const isLive = ({ status }: LivePod): boolean => status?.phase !== 'Succeeded' && status?.phase !== 'Failed';

/** The pod that trains, or is to: the newest that lives and was not told to end, else one that still ends. */
export function currentPod(pods: readonly LivePod[]): LivePod | undefined {
  const live = pods.filter(isLive);
  return live.findLast(({ metadata }) => metadata.deletionTimestamp === undefined) ?? live.at(-1);
}

/** Since when the trainer's process runs; undefined while it does not. */
export function runningSince({ status }: LivePod): Date | undefined {
  const startedAt = status?.containerStatuses?.find(({ state }) => state?.running !== undefined)?.state?.running?.startedAt;
  return startedAt === undefined ? undefined : new Date(startedAt);
}
