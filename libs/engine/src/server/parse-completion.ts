import { z } from 'zod';

/** A completion as a server gave it. */
export interface ServerCompletion {
  readonly text: string;
  /** As the server counts them. */
  readonly promptTokens: number;
  /** -1 for each that the server did not name. */
  readonly tokens: readonly number[];
  readonly logprobs: readonly number[];
  readonly finishReason: 'stop' | 'length';
}

/** Lower than any that a model gives to a token it draws; servers write it, or null, for minus infinity. */
const LOWEST_LOGPROB = -9999;

const logprob = z.number().nullable().transform((value) => (value === null ? LOWEST_LOGPROB : Math.max(value, LOWEST_LOGPROB)));
const tokenId = z.number().int().min(0);

/** As OpenAI's chat has it; llama.cpp's completions too, with ids. */
const listed = z.object({ content: z.array(z.object({ logprob, id: tokenId.nullish() })) });
/** As OpenAI's completions have it. */
const parallel = z.object({ token_logprobs: z.array(logprob) });
const logprobs = z.union([
  listed.transform(({ content }) => ({ values: content.map((one) => one.logprob), ids: content.every(({ id }) => typeof id === 'number') ? content.map(({ id }) => id ?? -1) : undefined })),
  parallel.transform(({ token_logprobs: values }) => ({ values, ids: undefined })),
]);

const choice = z
  .object({
    finish_reason: z.enum(['stop', 'length'], 'neither stop nor length: the server gave up'),
    logprobs,
    token_ids: z.array(tokenId).nullish(),
    text: z.string().optional(),
    // Of a chat; a model that thinks first may leave nothing to say.
    message: z.object({ content: z.string().nullish() }).optional(),
  })
  .refine(({ text, message }) => text !== undefined || message !== undefined, 'neither text nor message');
const answer = z.object({ choices: z.tuple([choice]), usage: z.object({ prompt_tokens: z.number().int().min(0) }) });

/**
 * Reads the answer to a request for one completion, of any of the servers; what is beside the fields that are read is ignored.
 * @throws ZodError
 */
export function parseCompletion(value: unknown): ServerCompletion {
  const { choices, usage: counted } = answer.parse(value);
  const [first] = choices;
  const { values, ids } = first.logprobs;
  const named = first.token_ids ?? ids;
  return {
    text: first.text ?? first.message?.content ?? '',
    promptTokens: counted.prompt_tokens,
    tokens: named?.length === values.length ? named : values.map(() => -1),
    logprobs: values,
    finishReason: first.finish_reason,
  };
}
