import { createHash } from 'node:crypto';
import { checkGeneration, describePrompts, GenerationRequestError, type Prompt, type PromptDescription, PromptTooLongError } from '@grm/language-model';
import type { Completion, Engine, EngineInfo, GenerateRequest } from '../engine.ts';
import { ModelUnavailableError } from '../model-unavailable-error.ts';
import { completionRequest } from './completion-request.ts';
import type { EngineServer } from './engine-server.ts';
import { parseCompletion, type ServerCompletion } from './parse-completion.ts';
import type { ListedModel } from './parse-models.ts';
import { readPrompts, type ServerPrompt } from './prompt-reader.ts';
import { ServerConnection } from './server-connection.ts';
import type { ServerDialect } from './server-dialect.ts';
import { scoreTexts, type ScoringRoute, scoringRoute } from './server-scores.ts';
import { ServerWatch } from './server-watch.ts';
import { tooLong } from './too-long.ts';

export interface ServerEngineOptions {
  /** With or without `/v1`. */
  readonly url: string;
  readonly dialect: ServerDialect;
  readonly kind: 'generate' | 'score';
  /** What the server calls the model; default: the only one that it lists. */
  readonly model?: string;
  /** What `info` calls the model; default: as the server does. */
  readonly name?: string;
  /** A Hugging Face folder or `.gguf` file with the model's tokenizer and chat template; without it, the server applies its own. */
  readonly prompts?: string;
  readonly apiKey?: string;
  /** Requests at once; default 64. */
  readonly maxConcurrent?: number;
  /** `server.opened` waits while more than so many wait in the server; default 8. */
  readonly maxWaiting?: number;
  /** Longest that the server may take to load its model, ms; default 600,000. */
  readonly startupMs?: number;
  /** How often the server is looked at, ms; default 1,000, and 2,500 for llama.cpp. */
  readonly periodMs?: number;
  /** What is worth a line in a log. */
  readonly report?: (line: string) => void;
  /** The server has come back with another model: this engine answers for the old one, so it should be replaced. */
  readonly replaced?: (found: string) => void;
}

/** An engine whose model another process has. */
export interface ServerEngine extends Engine {
  readonly server: EngineServer;
}

/**
 * llama.cpp looks whether anybody still waits for a completion only when nothing at all has happened in it for a second, and telling its load counts as something:
 * asked more often, it would never notice that a request was called back.
 */
const periods: Readonly<Record<ServerDialect, number>> = { VLLM: 1_000, SGLang: 1_000, LlamaCpp: 2_500 };
/** Longest for one completion or one batch of scores, ms; callers have deadlines of their own, which are shorter. */
const answerMs = 900_000;
/** Within a minute of a server that starts again or is too busy; the task goes back to the queue then. */
const retries = 8;

/**
 * Opens an engine on an OpenAI-compatible server, once that has its model loaded.
 * @throws EngineServerError, ModelUnavailableError, the signal's reason
 */
export async function openServerEngine(options: ServerEngineOptions, signal: AbortSignal = new AbortController().signal): Promise<ServerEngine> {
  const { url, dialect, kind, model, apiKey, maxConcurrent = 64, maxWaiting = 8, startupMs = 600_000, periodMs = periods[dialect], report = () => {} } = options;
  const description = options.prompts === undefined ? undefined : await promptsOf(options.prompts);
  const access = { url, ...(apiKey === undefined ? {} : { apiKey }) };
  const work = new ServerConnection({ ...access, connections: maxConcurrent });
  // Of its own, so that looking never waits behind work.
  const looks = new ServerConnection({ ...access, connections: 1 });
  const watch = new ServerWatch({ connection: looks, dialect, model, maxWaiting, periodMs, report });
  try {
    const listed = await watch.loaded(startupMs, signal);
    const route = kind === 'score' ? await scoringRoute(work, { dialect, model: listed.id }, signal) : undefined;
    watch.start(listed, (found) => options.replaced?.(`the server at ${watch.url} has another model now: ${JSON.stringify(found.identity)} instead of ${JSON.stringify(listed.identity)}`));
    return new HTTPEngine({ ...options, work, looks, watch, listed, description, route });
  } catch (error) {
    await Promise.all([work[Symbol.asyncDispose](), looks[Symbol.asyncDispose]()]);
    throw error;
  }
}

async function promptsOf(path: string): Promise<PromptDescription> {
  return describePrompts(path).catch((cause: unknown) => {
    throw new ModelUnavailableError(path, `its prompts cannot be read here: ${cause instanceof Error ? cause.message : String(cause)}; name the model by \`served\` to leave them to the server`, { cause });
  });
}

interface Parts extends Pick<ServerEngineOptions, 'dialect' | 'name'> {
  readonly work: ServerConnection;
  readonly looks: ServerConnection;
  readonly watch: ServerWatch;
  readonly listed: ListedModel;
  readonly description: PromptDescription | undefined;
  readonly route: ScoringRoute | undefined;
}

class HTTPEngine implements ServerEngine {
  readonly info: EngineInfo;
  readonly #parts: Parts;
  readonly #lifetime = new AbortController();

  constructor(parts: Parts) {
    const { listed, description, name, dialect } = parts;
    this.#parts = parts;
    const revision = createHash('sha256').update(JSON.stringify([dialect, listed.identity, description?.digest ?? null])).digest('hex');
    this.info = { model: name ?? listed.id, revision: `sha256:${revision}`, contextLength: listed.contextLength ?? Number.MAX_SAFE_INTEGER };
  }

  get server(): EngineServer {
    const { watch, work } = this.#parts;
    return {
      url: watch.url,
      get problem() {
        return watch.problem;
      },
      get load() {
        return watch.load;
      },
      get retried() {
        return work.retried;
      },
      opened: (signal) => watch.opened(signal),
    };
  }

  async *generate(request: GenerateRequest, signal?: AbortSignal): AsyncGenerator<Completion> {
    if (this.#parts.route !== undefined) throw new ModelUnavailableError(this.info.model, 'was opened to score, not to generate');
    signal?.throwIfAborted();
    const { prompts, ...drawing } = request;
    checkGeneration({ ...drawing, prompts: prompts.map(({ samples, ...prompt }) => ({ prompt, seeds: samples.map(({ seed }) => seed) })) });
    const limit = Math.min(request.maxPromptTokens ?? Number.MAX_SAFE_INTEGER, this.info.contextLength - 1);
    const read = await readPrompts(prompts, this.#parts.description?.encoding, limit);
    const left = new AbortController();
    const given = signal === undefined ? [] : [signal];
    const until = AbortSignal.any([left.signal, this.#lifetime.signal, ...given]);
    const drawn = prompts.flatMap(({ samples }, prompt) => samples.map(({ seed }, sample) => this.#draw(request, { read, prompt, sample, seed, limit }, until)));
    const pending = new Map(drawn.map((completion, index) => [index, completion.then((value) => ({ index, value }))]));
    try {
      while (pending.size > 0) {
        const { index, value } = await Promise.race(pending.values());
        pending.delete(index);
        yield value;
      }
    } finally {
      left.abort(new Error('nobody waits any more'));
      await Promise.allSettled(pending.values());
    }
  }

  async score(prompts: readonly Prompt[], signal?: AbortSignal): Promise<Float32Array> {
    const { route, description, work } = this.#parts;
    if (route === undefined) throw new ModelUnavailableError(this.info.model, 'was opened to generate, not to score');
    signal?.throwIfAborted();
    const read = await readPrompts(prompts, description?.encoding, this.info.contextLength);
    const chat = read.findIndex(({ written, tokens }) => tokens === undefined && 'messages' in written);
    if (chat >= 0) throw new GenerationRequestError(`prompts[${chat}]`, 'is a chat, which no server scores: the chat template has to be read here');
    const until = AbortSignal.any([this.#lifetime.signal, ...(signal === undefined ? [] : [signal])]);
    return scoreTexts(work, route, read, { limit: this.info.contextLength, timeoutMs: answerMs, retries, signal: until });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { work, looks, watch } = this.#parts;
    this.#lifetime.abort(new ModelUnavailableError(this.info.model, 'the engine was closed'));
    await watch[Symbol.asyncDispose]();
    await Promise.all([work[Symbol.asyncDispose](), looks[Symbol.asyncDispose]()]);
  }

  /** One completion; `cancelled` and empty where the caller's signal ended it. */
  async #draw(request: GenerateRequest, { read, prompt, sample, seed, limit }: { read: readonly ServerPrompt[]; prompt: number; sample: number; seed: number; limit: number }, signal: AbortSignal): Promise<Completion> {
    const asked = read[prompt];
    if (asked === undefined) throw new RangeError(`no prompt ${prompt}`);
    const { work, dialect, listed } = this.#parts;
    const room = asked.tokens === undefined ? request.maxTokens : Math.min(request.maxTokens, this.info.contextLength - asked.tokens.length);
    const { path, body } = completionRequest(asked, { ...request, dialect, model: listed.id, seed, maxTokens: room });
    try {
      const completion = await work.ask({ method: 'POST', path, body, signal, timeoutMs: answerMs, retries, parse: (text) => parseCompletion(JSON.parse(text)) });
      return finished({ prompt, sample, limit, asked }, completion);
    } catch (error) {
      if (this.#lifetime.signal.aborted) throw this.#lifetime.signal.reason;
      if (signal.aborted) return { prompt, sample, promptTokens: asked.tokens?.length ?? 0, text: '', tokens: [], logprobs: [], finishReason: 'cancelled' };
      throw tooLong(error, prompt, limit) ?? error;
    }
  }
}

function finished({ prompt, sample, limit, asked }: { prompt: number; sample: number; limit: number; asked: ServerPrompt }, { text, tokens, logprobs, finishReason, promptTokens }: ServerCompletion): Completion {
  // Only the server could count them.
  if (asked.tokens === undefined && promptTokens > limit) throw new PromptTooLongError({ prompt, size: promptTokens, unit: 'tokens', limit });
  return { prompt, sample, promptTokens: asked.tokens?.length ?? promptTokens, text, tokens, logprobs, finishReason };
}
