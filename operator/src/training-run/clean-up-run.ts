import type { RunAddress } from '@grm/protocol';
import { pause } from '../background/pause.ts';
import type { RunNats } from '../nats/run-nats.ts';

/** How long a run that is deleted may wait for NATS, s. */
export const CLEAN_UP_SECONDS = 30;

const RETRY_MS = 1_000;

export interface CleanUpOptions {
  readonly nats: Pick<RunNats, 'removeRolloutTopology' | 'removeProgress' | 'removeCheckpoints'>;
  readonly run: RunAddress;
  /** Of its checkpoints, where they lie in an object store. */
  readonly bucket: string | undefined;
  readonly signal: AbortSignal;
  readonly seconds?: number;
}

/**
 * Removes what a run has on NATS, again and again until it is done or the time is over. Its artefacts stay: services may serve them.
 * @throws Error that names what is left and why
 */
export async function cleanUpRun({ nats, run, bucket, signal, seconds = CLEAN_UP_SECONDS }: CleanUpOptions): Promise<void> {
  const left = new Map<string, () => Promise<void>>([
    ["the queue of its samplers", () => nats.removeRolloutTopology(run)],
    ...(bucket === undefined ? [] : [[`its checkpoints in bucket ${bucket}`, () => nats.removeCheckpoints(run, bucket)] as const]),
    // Last: whoever looks for the run still finds it while the rest goes.
    ['its progress', () => nats.removeProgress(run)],
  ]);
  const end = performance.now() + seconds * 1000;
  for (;;) {
    const reasons = await attempt(left);
    if (left.size === 0) return;
    if (signal.aborted || performance.now() >= end) throw new Error(`${[...left.keys()].join(', ')} (${[...new Set(reasons)].join('; ')})`);
    await pause(RETRY_MS, signal);
  }
}

/** Tries all that is left. @returns why what is left then is left */
async function attempt(left: Map<string, () => Promise<void>>): Promise<string[]> {
  const reasons: string[] = [];
  for (const [what, remove] of left) {
    try {
      await remove();
      left.delete(what);
    } catch (error) {
      reasons.push(error instanceof Error ? error.message : String(error));
    }
  }
  return reasons;
}
