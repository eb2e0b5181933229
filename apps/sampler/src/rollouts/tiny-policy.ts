import { type DecoderConfig, initialTensors, type ModelInMemory, trainTokenizer } from '@grm/language-model';

const tokenizer = trainTokenizer(['a b a b'], { specialTokens: ['<eos>'], vocabularySize: 280 });

/** A model for tests that is no judge: weights drawn from a seed. */
export function tinyPolicy(seed: number, change: Partial<DecoderConfig> = {}): ModelInMemory {
  const config: DecoderConfig = {
    modelType: 'llama',
    head: 'language',
    vocabularySize: 280,
    hiddenSize: 16,
    intermediateSize: 24,
    layers: 1,
    attentionHeads: 2,
    keyValueHeads: 2,
    headSize: 8,
    rmsNormEpsilon: 1e-6,
    ropeTheta: 10_000,
    tiedEmbeddings: true,
    attentionBias: false,
    queryKeyNorm: false,
    maxPositions: 512,
    bosTokenId: null,
    eosTokenIds: [0],
    padTokenId: null,
    ...change,
  };
  return { config, tensors: initialTensors(config, seed), tokenizer };
}
