import { z } from 'zod';

const text = z.string();
const shapes = z.union([
  z.object({ error: z.object({ message: text, type: z.unknown().optional() }) }).transform(({ error }) => error),
  z.object({ message: text, type: z.unknown().optional() }),
  z.object({ error: text }).transform(({ error }) => ({ message: error, type: undefined })),
  z.object({ detail: z.unknown() }).transform(({ detail }) => ({ message: typeof detail === 'string' ? detail : JSON.stringify(detail), type: undefined })),
]);

/** What a server says of an error: OpenAI's shape, FastAPI's, or whatever text a proxy sends. */
export interface ServerComplaint {
  readonly message: string;
  /** Whether the prompt does not fit into the model's context. */
  readonly tooLong: boolean;
  /** Tokens of the prompt, and of the context, where they are told. */
  readonly promptTokens: number | undefined;
  readonly contextLength: number | undefined;
}

const longest = 500;

export function parseServerError(body: string): ServerComplaint {
  const { message, type } = complaint(body);
  const tooLong = type === 'exceed_context_size_error' || /maximum context length|context size|context length|longer than the model/iu.test(message);
  const [promptTokens, contextLength] = [/(\d+) (?:input )?tokens|input_tokens, value=(\d+)/u, /(?:context length is |context size \(|context length \()(\d+)/u].map((pattern) => {
    const found = pattern.exec(message.replace(/context length is \d+ tokens/u, (said) => said.replace(' tokens', '')))?.slice(1).find((group) => group !== undefined);
    return found === undefined ? undefined : Number(found);
  });
  return { message: message.length > longest ? `${message.slice(0, longest)} ...` : message, tooLong, promptTokens, contextLength };
}

function complaint(body: string): { message: string; type: unknown } {
  try {
    const value: unknown = JSON.parse(body);
    const parsed = shapes.safeParse(value);
    if (parsed.success) return { message: parsed.data.message, type: parsed.data.type };
  } catch {
    // What is no JSON is shown as it is.
  }
  return { message: body.replaceAll(/<[^>]*>|\s+/gu, ' ').trim(), type: undefined };
}
