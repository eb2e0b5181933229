import type { RFTStage, TrainingRunSpec } from '@grm/resources';
import { readItems } from '../../items/read-items.ts';
import { requestsOf, type AskedRequest } from '../../judgements/requests-of.ts';
import { streamSeed } from '../../run/seed-streams.ts';

/** Items of one call of the engine. */
const itemsPerRequest = 16;

/** What the stage draws; the same whoever asks again. */
export async function rftRequests(
  spec: TrainingRunSpec,
  stage: RFTStage,
  signal: AbortSignal,
): Promise<{ readonly requests: readonly AskedRequest[]; readonly items: number; readonly unlabelled: number }> {
  const { items, unlabelled } = await readItems(spec.data, { split: 'train', count: stage.items, seed: streamSeed(spec.seed, 'rftItems') }, signal);
  const { temperature, maxTokens, samplesPerItem, hintedSamplesPerItem } = stage;
  const seed = streamSeed(spec.seed, 'rftSamples');
  return { requests: requestsOf(items, { spec, temperature, maxTokens, samplesPerItem, hintedSamplesPerItem, seed, itemsPerRequest }), items: items.length, unlabelled };
}

/** Where the stage keeps what it has drawn, in its own folder. */
export const drawnFileName = 'drawn.jsonl';
