import { initialTensors, loadCheckpoint, Tokenizer, type DecoderConfig, type WeightTensor } from '@grm/language-model';
import type { ModelShape } from '@grm/resources';
import { sampleSeed } from '@grm/spct';
import type { Corpus } from '../../corpus/corpus.ts';
import { specialTokens, trainCorpusTokenizer } from '../../corpus/train-corpus-tokenizer.ts';

export interface StartingModel {
  readonly config: DecoderConfig;
  readonly tensors: ReadonlyMap<string, WeightTensor>;
  readonly tokenizer: Tokenizer;
}

/** A Llama-class decoder of this shape over this vocabulary. */
function configOf(shape: ModelShape, tokenizer: Tokenizer): DecoderConfig {
  const idOf = (token: string): number | null => tokenizer.specialTokens.get(token) ?? null;
  const endOfText = idOf(specialTokens.endOfText);
  return {
    modelType: shape.architecture,
    head: 'language',
    vocabularySize: tokenizer.size,
    hiddenSize: shape.hiddenSize,
    intermediateSize: shape.intermediateSize,
    layers: shape.layers,
    attentionHeads: shape.heads,
    keyValueHeads: shape.keyValueHeads ?? shape.heads,
    headSize: shape.hiddenSize / shape.heads,
    rmsNormEpsilon: 1e-5,
    ropeTheta: 10_000,
    tiedEmbeddings: shape.tiedEmbeddings,
    attentionBias: false,
    queryKeyNorm: false,
    maxPositions: shape.contextLength,
    bosTokenId: null,
    eosTokenIds: endOfText === null ? [] : [endOfText],
    padTokenId: idOf(specialTokens.padding),
  };
}

/** A new model with a tokenizer trained on the corpus. */
export function newModel(shape: ModelShape, corpus: Corpus, seed: number): StartingModel {
  const tokenizer = new Tokenizer(trainCorpusTokenizer(corpus, shape.vocabularySize));
  const config = configOf(shape, tokenizer);
  return { config, tokenizer, tensors: initialTensors(config, sampleSeed(seed, 0)) };
}

/** A model on disk, to go on with. */
export async function savedModel(folder: string): Promise<StartingModel> {
  const { config, tensors, tokenizer } = await loadCheckpoint(folder);
  return { config, tensors, tokenizer };
}
