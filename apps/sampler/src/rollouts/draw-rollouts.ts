import { drawJudgements, type DrawRequest } from '@grm/judging';
import type { RolloutSuccess, RolloutTask } from '@grm/protocol';
import { knownTemplate } from '../known-template.ts';
import type { SamplerEngine } from '../sampler-engine.ts';

export type DrawnRollouts = Pick<RolloutSuccess, 'items' | 'promptTokens'>;

/**
 * Draws the judgements of one task with one call of the engine, as a trainer does that draws in its own process.
 * @throws GrmError `invalid-request` for an unknown template; the signal's reason; what the engine throws
 */
export async function drawRollouts(task: RolloutTask, engine: SamplerEngine, signal: AbortSignal): Promise<DrawnRollouts> {
  const { judgements, promptTokens } = await drawJudgements(engine, drawRequestOf(task), signal);
  const items = judgements.map((samples) => ({
    samples: samples.map(({ order, tokens, logprobs, ...sample }) => ({ ...sample, order: [...order], tokens: [...tokens], logprobs: [...logprobs] })),
  }));
  return { items, promptTokens };
}

function drawRequestOf({ items, template, principles, temperature, topP, maxTokens, maxPromptTokens }: RolloutTask): DrawRequest {
  return {
    items,
    template: knownTemplate(template),
    temperature,
    maxTokens,
    ...(principles === undefined ? {} : { principles }),
    ...(topP === undefined ? {} : { topP }),
    ...(maxPromptTokens === undefined ? {} : { maxPromptTokens }),
  };
}
