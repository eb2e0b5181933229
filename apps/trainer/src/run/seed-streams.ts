import { sampleSeed } from '@grm/spct';

/** Every stream of random numbers that a run draws from, each derived from its seed alone. A number is never used again for another. Evaluation has none: every run is judged on the same items. */
const streams = {
  tokenizer: 0,
  weights: 1,
  corpus: 2,
  batches: 3,
  metaItems: 10,
  metaSamples: 11,
  metaBatches: 12,
  metaDevSamples: 13,
  rftItems: 20,
  rftSamples: 21,
  rftBatches: 22,
  rftGeneral: 23,
  grpoItems: 30,
  grpoOrder: 31,
  grpoSamples: 32,
  grpoFilter: 33,
} as const;

/** Seed of one stream of a run, unsigned 32-bit. */
export const streamSeed = (runSeed: number, stream: keyof typeof streams): number => sampleSeed(runSeed, streams[stream]);
