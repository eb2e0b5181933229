import { promptText } from '@grm/language-model';
import type { GenerateRequest } from '../engine.ts';
import type { ServerDialect } from './server-dialect.ts';
import type { ServerPrompt } from './prompt-reader.ts';

/** What is drawn at once: one completion, with a seed of its own. */
export interface CompletionRequest {
  readonly path: '/v1/completions' | '/v1/chat/completions';
  readonly body: Readonly<Record<string, unknown>>;
}

export interface CompletionOptions extends Pick<GenerateRequest, 'temperature' | 'topP' | 'stop'> {
  readonly dialect: ServerDialect;
  /** What the server calls the model. */
  readonly model: string;
  readonly seed: number;
  readonly maxTokens: number;
}

/**
 * The request for one completion. Everything that decides what is drawn is said, since servers have defaults of their own (llama.cpp cuts to 40 tokens, vLLM takes
 * what the model's `generation_config.json` says). One sample a request: with `n` a server derives the others' seeds as it likes.
 */
export function completionRequest(prompt: ServerPrompt, options: CompletionOptions): CompletionRequest {
  const { dialect, model, seed, maxTokens, temperature, topP = 1, stop = [] } = options;
  const drawing = {
    model,
    max_tokens: maxTokens,
    temperature,
    top_p: topP,
    seed: seedFor(dialect, seed),
    stream: false,
    ...(stop.length === 0 ? {} : { stop }),
    ...plainSampling[dialect],
  };
  if (prompt.tokens !== undefined) return { path: '/v1/completions', body: { ...drawing, ...textLogprobs[dialect], prompt: prompt.tokens } };
  const { written } = prompt;
  if ('text' in written) return { path: '/v1/completions', body: { ...drawing, ...textLogprobs[dialect], prompt: promptText(written) } };
  const continued = written.messages.at(-1)?.role === 'assistant' && dialect !== 'LlamaCpp' ? { continue_final_message: true, add_generation_prompt: false } : {};
  return { path: '/v1/chat/completions', body: { ...drawing, ...chatLogprobs[dialect], ...continued, messages: written.messages } };
}

/** No top-k, no floor, no penalties: the distribution is the model's own at that temperature. */
const plainSampling: Readonly<Record<ServerDialect, Readonly<Record<string, unknown>>>> = {
  VLLM: { top_k: -1, min_p: 0, repetition_penalty: 1 },
  SGLang: { top_k: -1, min_p: 0, repetition_penalty: 1 },
  LlamaCpp: { top_k: 0, min_p: 0, repeat_penalty: 1 },
};

/** Only the drawn token's is wanted; SGLang and llama.cpp give it where at least one of the likeliest is asked for. */
const textLogprobs: Readonly<Record<ServerDialect, Readonly<Record<string, unknown>>>> = {
  VLLM: { logprobs: 0, return_token_ids: true },
  SGLang: { logprobs: 1 },
  LlamaCpp: { logprobs: 1 },
};

const chatLogprobs: Readonly<Record<ServerDialect, Readonly<Record<string, unknown>>>> = {
  VLLM: { logprobs: true, top_logprobs: 0, return_token_ids: true },
  SGLang: { logprobs: true, top_logprobs: 1 },
  LlamaCpp: { logprobs: true, top_logprobs: 1 },
};

/** llama.cpp takes the largest seed for "any". */
function seedFor(dialect: ServerDialect, seed: number): number {
  return dialect === 'LlamaCpp' && seed === 0xffff_ffff ? 0xffff_fffe : seed;
}
