import { seededRandom } from '@grm/preferences';
import type { TokenRow } from '@grm/language-model';
import { bucketByLength } from '../../batches/bucket-by-length.ts';
import type { Corpus, CorpusDocument } from '../../corpus/corpus.ts';

/** Micro-batches in one step: of different lengths, so that one step sees several kinds of document. */
export const microBatchesPerStep = 2;

/** Documents that are sorted by length together; fewer in short runs, so that the corpus's start can still differ. */
const poolDocuments = { least: 64, most: 1500, perToken: 1 / 3000 };

export interface TrainingStepsOptions {
  readonly corpus: Corpus;
  readonly encode: (document: CorpusDocument) => TokenRow;
  /** Tokens of the whole run. */
  readonly totalTokens: number;
  /** Tokens in one step, padding included. */
  readonly batchTokens: number;
  /** Longest row; longer documents are cut off there. */
  readonly longestRow: number;
  readonly seed: number;
}

/**
 * Endless steps of micro-batches, each of like-long rows.
 * @param progress asked anew whenever documents are drawn: the share of the tokens seen
 */
export function* trainingSteps(
  options: TrainingStepsOptions,
  progress: () => number,
): Generator<readonly (readonly TokenRow[])[], never, undefined> {
  const { corpus, encode, totalTokens, batchTokens, longestRow, seed } = options;
  const random = seededRandom(seed);
  const poolSize = Math.min(poolDocuments.most, Math.max(poolDocuments.least, Math.round(totalTokens * poolDocuments.perToken)));
  const cut = ({ tokens, weights }: TokenRow): TokenRow => ({
    tokens: Array.from(tokens).slice(0, longestRow),
    weights: Array.from(weights).slice(0, longestRow),
  });
  for (;;) {
    const seen = progress();
    const rows = Array.from({ length: poolSize }, () => cut(encode(corpus.draw(seen))));
    const batches = random.shuffle(bucketByLength(rows, Math.floor(batchTokens / microBatchesPerStep)));
    for (let start = 0; start < batches.length; start += microBatchesPerStep) {
      yield batches.slice(start, start + microBatchesPerStep);
    }
  }
}
