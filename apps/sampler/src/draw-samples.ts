import { GenerationRequestError, PromptTooLongError } from '@grm/engine';
import { type Drawn, type DrawnJudgement, drawJudgements, type DrawRequest, IncompleteDrawError } from '@grm/judging';
import { type DrawnSample, GrmError, type SampleSuccess, type SampleTask } from '@grm/protocol';
import { type TemplateName, templateNames } from '@grm/spct';
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
    throw asRequestError(error);
  }
}

function knownTemplate(name: string): TemplateName {
  const known = templateNames.find((candidate) => candidate === name);
  if (known === undefined) throw new GrmError('invalid-request', `This sampler knows no prompt template ${JSON.stringify(name)}, only ${templateNames.join(', ')}`);
  return known;
}

/** The engine's word for a request that no retry can mend, as the one who asked can act on it. */
function asRequestError(error: unknown): unknown {
  if (error instanceof PromptTooLongError) {
    const { size, unit, limit } = error;
    const message = `The prompt is ${size} ${unit}, the judge takes at most ${limit} tokens; shorten the conversation or the responses`;
    return new GrmError('invalid-request', message, { cause: error });
  }
  if (error instanceof IncompleteDrawError) return new GrmError('model-unavailable', error.message, { cause: error });
  return error instanceof GenerationRequestError ? new GrmError('invalid-request', error.message, { cause: error }) : error;
}

function drawnSample({ index, seed, text, order, tokens, logprobs, finishReason }: DrawnJudgement): DrawnSample {
  return { index, seed, text, order: [...order], tokens: tokens.length, meanLogprob: mean(logprobs), finishReason };
}

function mean(values: ArrayLike<number>): number {
  return values.length === 0 ? 0 : sum(Array.from(values)) / values.length;
}

function sum(values: Iterable<number>): number {
  return Iterator.from(values).reduce((total, value) => total + value, 0);
}
