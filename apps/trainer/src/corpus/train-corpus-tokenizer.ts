import { trainTokenizer, type TokenizerJson } from '@grm/language-model';
import { textOf, type Corpus } from './corpus.ts';

export const specialTokens = { endOfText: '<|endoftext|>', padding: '<|padding|>' } as const;

/** What the compact template writes around its texts: one piece each, so that a small judge sees structure at once. */
const phrases = [
  '[Query]',
  ...Array.from({ length: 4 }, (_, index) => `\n[Response ${index + 1}]`),
  '\n[Reference]',
  '\n[Criteria]',
  '\n[Hint] The best response is: Response',
  '\n[Judge]',
  '\n[Draft]',
  '\n[Critique]',
  '\n[Answer]',
  ' Criteria:',
  '\nAnalysis:',
  '\nScores: \\boxed{',
];

/** Documents that it is trained on; enough to see every word of a closed vocabulary. */
const documents = 30_000;

/** Trains the tokenizer of a small judge on documents from all through the corpus. */
export function trainCorpusTokenizer(corpus: Corpus, vocabularySize: number): TokenizerJson {
  const texts = function* (): Generator<string, void, undefined> {
    for (let index = 0; index < documents; index += 1) yield textOf(corpus.draw(index / documents));
  };
  return trainTokenizer(texts(), { specialTokens: Object.values(specialTokens), phrases, vocabularySize });
}
