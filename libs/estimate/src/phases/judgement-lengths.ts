import type { Assumptions } from '../assumptions/assumptions.ts';
import { EstimateError } from '../estimate-error.ts';
import type { Architecture } from '../architecture/architecture.ts';

export interface JudgementLengths {
  readonly promptTokens: number;
  readonly judgementTokens: number;
  readonly longestTokens: number;
}

/**
 * Lengths of what a stage draws: no judgement is longer than its `maxTokens`, none leaves the context.
 * @throws {EstimateError} when the mean prompt and judgement do not fit into the context.
 */
export function judgementLengths(assumptions: Assumptions, maxTokens: number, { contextLength }: Architecture): JudgementLengths {
  const { promptTokens } = assumptions;
  const judgementTokens = Math.min(assumptions.judgementTokens, maxTokens);
  const room = contextLength - promptTokens;
  if (judgementTokens > room) {
    throw new EstimateError(
      `prompts of ${promptTokens} tokens and judgements of ${judgementTokens} do not fit into the model's context of ${contextLength}; give --prompt-tokens and --judgement-tokens`,
    );
  }
  return { promptTokens, judgementTokens, longestTokens: Math.min(maxTokens, room, Math.ceil(judgementTokens * assumptions.longestJudgement)) };
}
