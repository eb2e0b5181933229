/** Tokens of a phase, padding left out. */
export interface Tokens {
  /** Read before judgements are drawn. */
  readonly prompts: number;
  readonly generated: number;
  /** Read forward only, over judgements that are there. */
  readonly scored: number;
  /** Through forward and backward; prompts count too. */
  readonly trained: number;
}

export const NO_TOKENS: Tokens = { prompts: 0, generated: 0, scored: 0, trained: 0 };
