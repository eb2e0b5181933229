import { promptText } from '@grm/language-model';
import { EngineServerError } from './engine-server-error.ts';
import { parseScores } from './parse-scores.ts';
import type { ServerPrompt } from './prompt-reader.ts';
import type { ServerConnection } from './server-connection.ts';
import type { ServerDialect } from './server-dialect.ts';
import { tooLong } from './too-long.ts';

/** How a server is asked for the scalar head's raw number. */
export interface ScoringRoute {
  readonly path: '/classify' | '/v1/embeddings';
  /** Besides the texts. */
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface ScoringTimes {
  /** Most tokens of a text. */
  readonly limit: number;
  readonly timeoutMs: number;
  readonly retries: number;
  readonly signal: AbortSignal;
}

/** Texts of one request. */
const batch = 32;
const probeMs = 120_000;

/**
 * The way to the logit. vLLM's `/classify` gives a probability unless it is told not to, and the word for that has changed, so it is tried: a meta RM must not weigh by the probability of a probability.
 * @throws EngineServerError
 */
export async function scoringRoute(connection: ServerConnection, { dialect, model }: { readonly dialect: ServerDialect; readonly model: string }, signal: AbortSignal): Promise<ScoringRoute> {
  if (dialect === 'SGLang') return { path: '/v1/embeddings', fields: { model } };
  if (dialect === 'LlamaCpp') return { path: '/v1/embeddings', fields: { model, embd_normalize: -1 } };
  const probe = async (fields: Readonly<Record<string, unknown>>): Promise<number> => {
    const [score = Number.NaN] = await connection.ask({ method: 'POST', path: '/classify', body: { model, input: ['probe'], ...fields }, signal, timeoutMs: probeMs, parse: (text) => parseScores(JSON.parse(text), '/classify', 1) });
    return score;
  };
  const probability = await probe({});
  for (const word of ['use_activation', 'activation']) {
    const logit = await probe({ [word]: false });
    if (Math.abs(1 / (1 + Math.exp(-logit)) - probability) < 1e-3 && Math.abs(logit - probability) > 1e-6) return { path: '/classify', fields: { model, [word]: false } };
  }
  throw new EngineServerError(`${connection.url}/classify`, `gives ${probability}, and no logit of it where it is asked for one (use_activation: false); serve a model with one label, by vLLM 0.9 or newer`, { status: 200 });
}

/**
 * The scalar head's number of each text.
 * @throws PromptTooLongError naming the first that is, EngineServerError, the signal's reason
 */
export async function scoreTexts(connection: ServerConnection, { path, fields }: ScoringRoute, prompts: readonly ServerPrompt[], { limit, ...times }: ScoringTimes): Promise<Float32Array> {
  const scores = new Float32Array(prompts.length).fill(Number.NaN);
  const inputs = prompts.map(({ tokens, written }) => tokens ?? promptText(written));
  // Texts that only the server can count go alone, so that its complaint is of that one.
  const size = prompts.some(({ tokens }) => tokens === undefined) ? 1 : batch;
  const starts = Array.from({ length: Math.ceil(inputs.length / size) }, (_, index) => index * size);
  await Promise.all(
    starts.map(async (start) => {
      const input = inputs.slice(start, start + size);
      try {
        const found = await connection.ask({ ...times, method: 'POST', path, body: { ...fields, input }, parse: (text) => parseScores(JSON.parse(text), path, input.length) });
        scores.set(found, start);
      } catch (error) {
        throw tooLong(error, start, limit) ?? error;
      }
    }),
  );
  return scores;
}
