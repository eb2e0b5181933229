import { verdictWords } from '@grm/preferences';
import type { Tokenizer, TokenRow } from '@grm/language-model';
import type { CorpusDocument } from './corpus.ts';

/** Turns documents into rows of tokens with their weights in the loss. */
export class DocumentEncoder {
  readonly #tokenizer: Tokenizer;
  readonly #endOfText: number;
  readonly #verdicts: ReadonlySet<number>;

  /** @param endOfText id of the token that ends a text */
  constructor(tokenizer: Tokenizer, endOfText: number) {
    this.#tokenizer = tokenizer;
    this.#endOfText = endOfText;
    const pieces = Object.values(verdictWords).map((word) => tokenizer.encode(` ${word}`));
    this.#verdicts = new Set(pieces.filter(({ length }) => length === 1).flat());
  }

  encode(document: CorpusDocument): TokenRow {
    const tokens: number[] = [];
    const weights: number[] = [];
    for (const { text, weight, verdictWeight = weight, ends = false } of document) {
      const pieces = this.#tokenizer.encode(text);
      tokens.push(...pieces);
      weights.push(...pieces.map((piece) => (this.#verdicts.has(piece) ? verdictWeight : weight)));
      if (ends) {
        tokens.push(this.#endOfText);
        weights.push(1);
      }
    }
    return { tokens, weights };
  }
}
