import { sampleSeed } from '@grm/spct';
import type { PlannedTask } from './judgement-plan.ts';

/**
 * Samples of one task at most. Small enough that the tasks of a big request spread over samplers, large enough that
 * samples share the work of reading a prompt.
 */
const samplesPerTask = 8;

export interface Cut {
  readonly runId: string;
  readonly seed: number;
  /** Number of the first sample; its seed follows from it. Default 0. */
  readonly first?: number;
}

/** Numbers samples through all waves, and makes as few tasks of a wave as may be, of sizes as even as may be: a wave lasts as long as its largest task. */
export function cutIntoTasks(waves: readonly number[], { runId, seed, first = 0 }: Cut): PlannedTask[][] {
  let next = first;
  let tasks = 0;
  return waves.map((size) => {
    const count = Math.ceil(size / samplesPerTask);
    return Array.from({ length: count }, (_, task) => {
      const share = Math.floor(size / count) + (task < size % count ? 1 : 0);
      const samples = Array.from({ length: share }, () => ({ index: next, seed: sampleSeed(seed, next++) }));
      return { taskId: `${runId}-${tasks++}`, samples };
    });
  });
}
