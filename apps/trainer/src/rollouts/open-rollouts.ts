import { openEmbeddedEngine } from '@grm/engine';
import type { TrainingRunSpec } from '@grm/resources';
import { LocalRollouts } from './local-rollouts.ts';
import type { Rollouts } from './rollouts.ts';

/** Whoever draws for a run: the trainer itself, with as many workers as its threads allow. */
export async function openRollouts({ engine, rollouts }: TrainingRunSpec, signal: AbortSignal): Promise<Rollouts> {
  const workers = Math.max(1, Math.floor(engine.embedded.threads / rollouts.threads));
  return Promise.resolve(new LocalRollouts({ openEngine: openEmbeddedEngine, workers, threads: rollouts.threads, signal }));
}
