import { PromptTooLongError, type EmbeddedEngine, type GenerateRequest, type Prompt } from '@grm/engine';
import type { TrainingItem } from '../items/training-item.ts';

const textOf = (prompt: Prompt): string => ('text' in prompt ? prompt.text : prompt.messages.map(({ content }) => content).join('\n'));

/** What a scripted judge is told of one judgement. */
export interface Asked {
  readonly query: string;
  /** As shown, in the order shown. */
  readonly responses: readonly string[];
  readonly referenceShown: boolean;
  readonly seed: number;
  readonly temperature: number;
}

function askedOf(text: string, seed: number, temperature: number): Asked {
  const [head = '', ...responses] = text.replace(/\n\[Judge\][^]*$/u, '').replace(/\n\[Reference\][^]*$/u, '').split(/\n\[Response \d+\] /u);
  return { query: head.replace('[Query] ', ''), responses, referenceShown: text.includes('\n[Reference]'), seed, temperature };
}

export interface ScriptedJudge extends EmbeddedEngine {
  /** Judgements asked for so far. */
  readonly asked: Asked[];
}

/**
 * An engine that writes what a test says, and knows a sound judgement by the word `sure`.
 * @param write the scores in the order shown, and words before them
 * @param longest characters of the longest prompt that it reads
 */
export function scriptedJudge(write: (asked: Asked) => { readonly scores: readonly number[]; readonly words?: string }, longest = Infinity): ScriptedJudge {
  const asked: Asked[] = [];
  const refuseLong = (prompts: readonly Prompt[]): void => {
    const prompt = prompts.findIndex((one) => textOf(one).length > longest);
    if (prompt >= 0) throw new PromptTooLongError({ prompt, size: longest + 1, unit: 'tokens', limit: longest });
  };
  return {
    asked,
    info: { model: 'scripted', revision: 'sha256:scripted', contextLength: 512 },
    async *generate({ prompts, temperature }: GenerateRequest, signal?: AbortSignal) {
      refuseLong(prompts);
      for (const [prompt, shown] of prompts.entries()) {
        for (const [sample, { seed }] of shown.samples.entries()) {
          await Promise.resolve();
          signal?.throwIfAborted();
          const one = askedOf(textOf(shown), seed, temperature);
          asked.push(one);
          const { scores, words = '' } = write(one);
          yield { prompt, sample, promptTokens: 1, text: `${words} Scores: \\boxed{${scores.join(', ')}}`, tokens: [1, 2, 3], logprobs: [0, 0, 0], finishReason: 'stop' as const };
        }
      }
    },
    score: (prompts) => {
      refuseLong(prompts);
      return Promise.resolve(Float32Array.from(prompts, (prompt) => (textOf(prompt).includes('sure') ? 2.5 : -2.5)));
    },
    replaceWeights: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** Scores that put the right one of the responses shown high, or the one after it. */
export function scoresFor({ responses }: Asked, best: string, right: boolean): number[] {
  const high = (responses.indexOf(best) + (right ? 0 : 1)) % responses.length;
  return responses.map((_, index) => (index === high ? 9 : 2));
}

/** Items whose response `good <number>` is best. */
export const scriptedItems = (count: number, reference?: (index: number) => boolean): TrainingItem[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `item-${index}`,
    category: index % 2 === 0 ? 'even' : 'odd',
    conversation: [{ role: 'user' as const, content: `question ${index}` }],
    responses: [`bad ${index}`, `good ${index}`, `worse ${index}`],
    best: 1,
    truth: { best: 1 },
    ...(reference?.(index) === true ? { reference: `good ${index}` } : {}),
  }));

/** What `scriptedItems` call right of a query. */
export const bestOf = (query: string): string => query.replace('question', 'good');
