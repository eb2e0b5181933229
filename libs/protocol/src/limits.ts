/**
 * Hard bounds of the wire format. A service may set tighter ones (its `limits`), never wider ones.
 * Sizes are bytes of UTF-8, counts are elements.
 */
export const limits = {
  /** Turns of one conversation. */
  messages: 256,
  /** Candidate responses of one request. */
  responses: 64,
  /** Criteria that a caller gives. */
  criteria: 32,
  /** One message, response or reference. */
  textBytes: 65_536,
  /** One of the caller's criteria. */
  criterionBytes: 2_000,
  /** Judgements drawn for one request (k). */
  samples: 1_024,
  /** Items of one rollout task. */
  rolloutItems: 1_024,
  /** Rounds in which an answer is improved on. */
  rounds: 8,
  /** The judge's scale. */
  score: { least: 1, most: 10 },
  temperature: 2,
  /** New tokens of one judgement or answer. */
  maxTokens: 131_072,
  /** Characters of an id; an id may become a subject token. */
  idLength: 128,
  /** Seeds are unsigned 32-bit integers. */
  seed: 0xff_ff_ff_ff,
} as const;
