import { instantEngine, type NamedModel, openEmbeddedEngine } from '@grm/engine';
import type { Configuration } from '@grm/service-kit';
import type { ReplaceableEngine } from './policy-engine.ts';

/** The engine that the process is configured for, with a policy's weights: one worker for each task at once. */
export async function openRolloutEngine({ engine: { kind, threads, weights }, concurrency }: Configuration, model: NamedModel): Promise<ReplaceableEngine> {
  if (kind === 'instant') return { ...instantEngine(), replaceWeights: () => Promise.resolve() };
  return openEmbeddedEngine({ model, kind: 'generate', threads, weights, workers: concurrency });
}
