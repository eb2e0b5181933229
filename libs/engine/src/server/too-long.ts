import { PromptTooLongError } from '@grm/language-model';
import { EngineServerError } from './engine-server-error.ts';

/** What a server says of a prompt that does not fit, as callers know it. */
export function tooLong(error: unknown, prompt: number, limit: number): PromptTooLongError | undefined {
  if (!(error instanceof EngineServerError) || error.complaint?.tooLong !== true) return undefined;
  const { promptTokens, contextLength } = error.complaint;
  const most = Math.min(limit, contextLength ?? limit);
  return new PromptTooLongError({ prompt, size: promptTokens ?? most + 1, unit: 'tokens', limit: most });
}
