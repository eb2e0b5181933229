import { setImmediate } from 'node:timers/promises';
import { encodePrompt, GenerationRequestError, type Prompt, type PromptEncoding, promptText, PromptTooLongError } from '@grm/language-model';

/** A prompt as it goes to a server: token ids where they are known here, else as it was written. */
export interface ServerPrompt {
  readonly written: Prompt;
  readonly tokens: readonly number[] | undefined;
}

/** No token is longer on average: what is beyond it is refused without being read. */
const mostBytesPerToken = 64;

/**
 * Reads prompts for a server. With the model's tokenizer here they go as token ids: nothing in a text that others wrote can become a special token, and the model's own
 * chat template is applied as an embedded engine does. Without it, the server does both in its own way.
 * @param limit most tokens of one
 * @throws PromptTooLongError, GenerationRequestError, ChatTemplateError
 */
export async function readPrompts(prompts: readonly Prompt[], encoding: PromptEncoding | undefined, limit: number): Promise<ServerPrompt[]> {
  const read: ServerPrompt[] = [];
  for (const [prompt, written] of prompts.entries()) {
    const bytes = Buffer.byteLength(promptText(written));
    if (bytes > limit * mostBytesPerToken) throw new PromptTooLongError({ prompt, size: bytes, unit: 'bytes', limit });
    if (encoding === undefined) {
      read.push({ written, tokens: undefined });
      continue;
    }
    // A long prompt takes some milliseconds each.
    await setImmediate();
    const tokens = encodePrompt(written, encoding);
    if (tokens.length === 0) throw new GenerationRequestError(`prompts[${prompt}]`, 'has no tokens');
    if (tokens.length > limit) throw new PromptTooLongError({ prompt, size: tokens.length, unit: 'tokens', limit });
    read.push({ written, tokens });
  }
  return read;
}
