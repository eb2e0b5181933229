import { GenerationRequestError, PromptTooLongError } from '@grm/engine';
import { IncompleteDrawError } from '@grm/judging';
import { GrmError } from '@grm/protocol';

/**
 * The engine's word for a request that no retry can mend, as the one who asked can act on it; other errors as they are.
 * @param remedy what to do about a prompt that is too long
 */
export function requestErrorOf(error: unknown, remedy: string): unknown {
  if (error instanceof PromptTooLongError) {
    const { size, unit, limit } = error;
    return new GrmError('invalid-request', `The prompt is ${size} ${unit}, the judge takes at most ${limit} tokens; ${remedy}`, { cause: error });
  }
  if (error instanceof IncompleteDrawError) return new GrmError('model-unavailable', error.message, { cause: error });
  return error instanceof GenerationRequestError ? new GrmError('invalid-request', error.message, { cause: error }) : error;
}
