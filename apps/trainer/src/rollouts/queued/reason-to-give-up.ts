/** What was seen last, while tasks wait. Times in epoch ms. */
export interface Silence {
  readonly now: number;
  /** When a sampler was last heard of. */
  readonly heardAt: number;
  /** When the work queue last said how long it is. */
  readonly queueSeenAt: number;
}

/** Whether it is no use to wait on: the queue does not answer, or nobody draws. The former first, since without it samplers have nothing to do. */
export function reasonToGiveUp({ now, heardAt, queueSeenAt }: Silence, patienceMs: number): 'no-queue' | 'no-sampler' | undefined {
  if (now - queueSeenAt > patienceMs) return 'no-queue';
  return now - heardAt > patienceMs ? 'no-sampler' : undefined;
}
