import type { Engine } from '@grm/engine';
import { templateByName } from '@grm/spct';
import type { DrawRequest } from './draw-request.ts';
import type { SeededSample } from './group-by-order.ts';
import { renderPrompts, type RenderedPrompt } from './render-prompts.ts';

/** One judgement as the model wrote it. */
export interface DrawnJudgement extends SeededSample {
  /** order[position in the prompt] = the caller's index. */
  readonly order: readonly number[];
  readonly text: string;
  /** All tokens drawn, with the one that ended the judgement. */
  readonly tokens: readonly number[];
  /** Of each token under the model itself (temperature 1), in nats. */
  readonly logprobs: readonly number[];
  readonly finishReason: 'stop' | 'length' | 'cancelled';
}

export interface Drawn {
  /** Of each item of the request, in the order in which its samples were asked for. */
  readonly judgements: readonly (readonly DrawnJudgement[])[];
  /** Tokens of all prompts, each counted once. */
  readonly promptTokens: number;
}

/** The engine ended before it had drawn all that was asked for. */
export class IncompleteDrawError extends Error {
  override readonly name = 'IncompleteDrawError';

  constructor(drawn: number, asked: number) {
    super(`the engine drew ${drawn} of ${asked} judgements`);
  }
}

/**
 * Draws judgements with one call of an engine: the one way in which they are drawn, for a service and for training.
 * @throws IncompleteDrawError, the signal's reason, what the engine throws
 */
export async function drawJudgements(engine: Pick<Engine, 'generate'>, request: DrawRequest, signal: AbortSignal): Promise<Drawn> {
  const prompts = await renderPrompts(request);
  const { temperature, topP, maxTokens, maxPromptTokens } = request;
  const { stop } = templateByName(request.template);
  const drawn = request.items.map(() => new Map<number, DrawnJudgement>());
  const promptTokens = new Map<number, number>();
  const completions = engine.generate(
    {
      prompts: prompts.map(({ prompt, samples }) => ({ ...prompt, samples: samples.map(({ seed }) => ({ seed })) })),
      temperature,
      maxTokens,
      ...(topP === undefined ? {} : { topP }),
      ...(maxPromptTokens === undefined ? {} : { maxPromptTokens }),
      ...(stop.length === 0 ? {} : { stop }),
    },
    signal,
  );
  for await (const { prompt, sample, promptTokens: length, text, tokens, logprobs, finishReason } of completions) {
    const { item, order, ...asked } = sampleOf(prompts, prompt, sample);
    drawn[item]?.set(asked.index, { ...asked, order, text, tokens, logprobs, finishReason });
    promptTokens.set(prompt, length);
  }
  signal.throwIfAborted();
  const asked = request.items.reduce((sum, { samples }) => sum + samples.length, 0);
  const count = drawn.reduce((sum, { size }) => sum + size, 0);
  if (count < asked) throw new IncompleteDrawError(count, asked);
  return {
    judgements: request.items.map(({ samples }, item) => samples.flatMap(({ index }) => drawn[item]?.get(index) ?? [])),
    promptTokens: promptTokens.values().reduce((sum, length) => sum + length, 0),
  };
}

function sampleOf(prompts: readonly RenderedPrompt[], prompt: number, sample: number): SeededSample & { readonly item: number; readonly order: readonly number[] } {
  const rendered = prompts[prompt];
  const seeded = rendered?.samples[sample];
  if (rendered === undefined || seeded === undefined) throw new RangeError(`the engine answered for sample ${sample} of prompt ${prompt}, which was not asked for`);
  return { item: rendered.item, order: rendered.order, ...seeded };
}
