import { type Drawn, type DrawnJudgement, drawJudgements, type DrawRequest } from '@grm/judging';
import type { DrawnSample, SampleSuccess, SampleTask } from '@grm/protocol';
import { knownTemplate } from './known-template.ts';
import { mean, sum } from './mean.ts';
import { requestErrorOf } from './request-error-of.ts';
import type { SamplerEngine } from './sampler-engine.ts';

export interface DrawOptions {
  readonly engine: SamplerEngine;
  /** Tokens that a prompt may have. */
  readonly maxPromptTokens: number;
  readonly signal: AbortSignal;
}

/** What a task's answer says of its samples; when it was queued and begun is the caller's to add. */
export type DrawnTask = Omit<SampleSuccess, 'timings'>;

/**
 * Draws the samples of one task with one call of the engine.
 * @throws GrmError `invalid-request` for an unknown template or a prompt that is too long; `model-unavailable` when the engine left samples out;
 * the signal's reason; what the engine throws.
 */
export async function drawSamples(task: SampleTask, { engine, maxPromptTokens, signal }: DrawOptions): Promise<DrawnTask> {
  const { judgements, promptTokens } = await draw(task, { engine, maxPromptTokens, signal });
  const samples = judgements.flat().map(drawnSample);
  const { model: name, revision } = engine.info;
  return {
    requestId: task.requestId,
    taskId: task.taskId,
    samples: samples.toSorted((left, right) => left.index - right.index),
    usage: { promptTokens, completionTokens: sum(samples.map(({ tokens }) => tokens)) },
    model: { name, revision },
  };
}

async function draw(task: SampleTask, { engine, maxPromptTokens, signal }: DrawOptions): Promise<Drawn> {
  const { input, samples, temperature, topP, maxTokens } = task;
  const request: DrawRequest = {
    items: [{ input, samples }],
    template: knownTemplate(task.template),
    temperature,
    ...(topP === undefined ? {} : { topP }),
    maxTokens,
    maxPromptTokens,
  };
  try {
    return await drawJudgements(engine, request, signal);
  } catch (error) {
    throw requestErrorOf(error, 'shorten the conversation or the responses');
  }
}

function drawnSample({ index, seed, text, order, tokens, logprobs, finishReason }: DrawnJudgement): DrawnSample {
  return { index, seed, text, order: [...order], tokens: tokens.length, meanLogprob: mean(logprobs), finishReason };
}
