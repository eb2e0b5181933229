import {
  createDecodeSession,
  createScoreSession,
  GenerationRequestError,
  PromptTooLongError,
  type DecodeSession,
  type InferenceOptions,
  type ScoreSession,
  type Prompt,
} from '@grm/language-model';
import { EngineBusyError } from './engine-busy-error.ts';
import type { Completion, Engine, EngineInfo, GenerateRequest } from './engine.ts';
import { ModelUnavailableError } from './model-unavailable-error.ts';
import { ModelWorker, type WorkerSession } from './model-worker.ts';
import { servedModel, type NamedModel, type ReplacementWeights, type ServedModel } from './served-model.ts';
import { WorkerPool } from './worker-pool.ts';

export interface EmbeddedEngineOptions {
  /** A Hugging Face folder, a `.gguf` file, or a model in memory. */
  readonly model: string | NamedModel;
  /** What `info` calls the model; default: its own name, or that of its folder or file. */
  readonly name?: string;
  /** `generate` needs a language head, `score` a scalar one. */
  readonly kind: 'generate' | 'score';
  /** Threads of one worker; default 1. Results are equal for equal numbers of threads. */
  readonly threads?: number;
  /** Copies of the model, each in a thread of its own that answers one request at a time; default 1. */
  readonly workers?: number;
  /** `int8` halves the time of small batches and rounds; default `fp32`. */
  readonly weights?: 'fp32' | 'int8';
  /** Requests that may wait for a worker; default 64. */
  readonly maxWaiting?: number;
}

/** An engine in this process, of which the weights can be replaced: by those of a policy that has learnt since. */
export interface EmbeddedEngine extends Engine {
  /**
   * Goes on with other weights of the same model. Requests made before are answered by the old ones; those made after wait until all
   * workers have the new ones, and `info.revision` is theirs from then on.
   * @throws WeightsError where a tensor is missing or of another shape; the old ones stay. ModelUnavailableError
   */
  replaceWeights(weights: ReplacementWeights): Promise<void>;
}

/**
 * Opens a model in this process, on worker threads.
 * @throws ModelUnavailableError
 */
export async function openEmbeddedEngine(options: EmbeddedEngineOptions, signal?: AbortSignal): Promise<EmbeddedEngine> {
  const { model, kind, threads = 1, workers = 1, weights = 'fp32', maxWaiting = 64 } = options;
  const lifetime = new AbortController();
  try {
    const served = { model: await servedModel(model) };
    let until = signal ?? lifetime.signal;
    const open = async <Session>(create: (inference: InferenceOptions, signal: AbortSignal) => Promise<Session>): Promise<Session> =>
      create({ model: await served.model.source(), threads, weights }, until);
    const pools =
      kind === 'generate'
        ? { writers: await openAll(workers, () => open(createDecodeSession)), scorers: [] }
        : { writers: [], scorers: await openAll(workers, () => open(createScoreSession)) };
    // The caller's signal is for opening; workers that are replaced later depend on the engine's life alone.
    until = lifetime.signal;
    return new ThreadedEngine(options.name ?? served.model.name, served, pools, { maxWaiting, lifetime });
  } catch (cause) {
    signal?.throwIfAborted();
    const name = typeof model === 'string' ? model : model.name;
    throw new ModelUnavailableError(name, cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

interface Workers {
  readonly writers: readonly ModelWorker<DecodeSession>[];
  readonly scorers: readonly ModelWorker<ScoreSession>[];
}

/** The model that workers are opened with from now on. */
interface Served {
  model: ServedModel;
}

class ThreadedEngine implements EmbeddedEngine {
  readonly #name: string;
  readonly #served: Served;
  readonly #workers: Workers;
  readonly #writers: WorkerPool<ModelWorker<DecodeSession>>;
  readonly #scorers: WorkerPool<ModelWorker<ScoreSession>>;
  readonly #lifetime: AbortController;

  constructor(name: string, served: Served, workers: Workers, options: { maxWaiting: number; lifetime: AbortController }) {
    this.#name = name;
    this.#served = served;
    this.#workers = workers;
    this.#writers = new WorkerPool(workers.writers, options.maxWaiting);
    this.#scorers = new WorkerPool(workers.scorers, options.maxWaiting);
    this.#lifetime = options.lifetime;
  }

  get info(): EngineInfo {
    const { revision, config } = this.#served.model;
    return { model: this.#name, revision, contextLength: config.maxPositions };
  }

  async *generate({ prompts, ...drawing }: GenerateRequest, signal?: AbortSignal): AsyncGenerator<Completion> {
    if (this.#workers.writers.length === 0) throw new ModelUnavailableError(this.#name, 'was opened to score, not to generate');
    const request = { ...drawing, prompts: prompts.map(({ samples, ...prompt }) => ({ prompt, seeds: samples.map(({ seed }) => seed) })) };
    try {
      using loan = await this.#writers.borrow(signal);
      const session = await loan.worker.session();
      yield* session.generate(request, signal);
    } catch (error) {
      throw this.#translated(error, signal);
    }
  }

  async score(prompts: readonly Prompt[], signal?: AbortSignal): Promise<Float32Array> {
    if (this.#workers.scorers.length === 0) throw new ModelUnavailableError(this.#name, 'was opened to generate, not to score');
    try {
      using loan = await this.#scorers.borrow(signal);
      const session = await loan.worker.session();
      return await session.score(prompts, signal);
    } catch (error) {
      throw this.#translated(error, signal);
    }
  }

  async replaceWeights(weights: ReplacementWeights): Promise<void> {
    if (this.#lifetime.signal.aborted) throw new ModelUnavailableError(this.#name, 'the engine was closed');
    const next = this.#served.model.withWeights(weights);
    const loans = [...(await this.#writers.borrowAll()), ...(await this.#scorers.borrowAll())];
    try {
      // First, so that a worker whose thread is gone, or goes now, comes up with the new ones.
      this.#served.model = next;
      await Promise.all(loans.map(({ worker }) => worker.replaceWeights(weights.tensors)));
    } finally {
      for (const loan of loans) loan[Symbol.dispose]();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#lifetime.abort(new Error('the engine was closed'));
    await Promise.all([...this.#workers.writers, ...this.#workers.scorers].map((worker) => worker[Symbol.asyncDispose]()));
  }

  /** What a caller can act on stays as it is; anything else means that the model is out of service. */
  #translated(error: unknown, signal: AbortSignal | undefined): unknown {
    const known = [PromptTooLongError, GenerationRequestError, EngineBusyError].some((type) => error instanceof type);
    if (known || (signal?.aborted === true && error === signal.reason)) return error;
    return new ModelUnavailableError(this.#name, error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** Opens as many as asked for; when one fails, those already open are closed. */
async function openAll<Session extends WorkerSession>(count: number, open: () => Promise<Session>): Promise<ModelWorker<Session>[]> {
  const workers: ModelWorker<Session>[] = [];
  try {
    for (let i = 0; i < count; i++) workers.push(await ModelWorker.start(open));
    return workers;
  } catch (error) {
    await Promise.all(workers.map((worker) => worker[Symbol.asyncDispose]()));
    throw error;
  }
}
