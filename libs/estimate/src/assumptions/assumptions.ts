/** What a manifest does not say and an estimate needs. Every one is an option, and is printed. */
export interface Assumptions {
  /** Tokens of a judge's prompt: the template, the conversation and all responses. Mean. */
  readonly promptTokens: number;
  /** Tokens that the meta RM reads besides the judgement. Mean. */
  readonly metaPromptTokens: number;
  /** Tokens of a judgement. Mean; at most the stage's `maxTokens`. */
  readonly judgementTokens: number;
  /** The longest judgement of a round, in means; at most the stage's `maxTokens`. */
  readonly longestJudgement: number;
  /** Tokens of a document of a corpus, or of a row of general instruction data. Mean. */
  readonly documentTokens: number;
  /** Longest row of training, in tokens. */
  readonly longestRow: number;
  /** Share of the tokens that pass through the model and are padding. */
  readonly padding: number;
  /** Share of drawn judgements that rft keeps: those that are right, of items that are not too easy. */
  readonly keptShare: number;
  /** Share of the peak FLOP/s that training reaches, counted without recomputation (MFU, arXiv 2204.02311, appendix B). */
  readonly trainingUtilisation: number;
  /** Share of the peak FLOP/s that prompts and decoding reach. */
  readonly generationUtilisation: number;
  /** Share of the memory bandwidth at which decoding reads weights and cache. */
  readonly bandwidthUtilisation: number;
  /** Seconds of one decoding step that are neither arithmetic nor memory: launches, all-reduces, scheduling. */
  readonly stepOverhead: number;
  /** Most sequences that one copy of the model decodes at once. */
  readonly generationBatch: number;
  /** Share of a device's memory that may be planned with. */
  readonly usableMemory: number;
}
