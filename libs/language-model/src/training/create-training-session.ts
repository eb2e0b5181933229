import { Worker } from 'node:worker_threads';
import { tensorShapes } from '../config/tensor-shapes.ts';
import type { WeightTensor } from '../weights/weight-tensor.ts';
import { packBatch } from './pack-batch.ts';
import { TrainingDivergedError } from './training-diverged-error.ts';
import { TrainingInputError } from './training-input-error.ts';
import type { TrainingAction, TrainingAnswer, TrainingResponse } from './training-message.ts';
import type {
  StepResult,
  TrainingObjective,
  TrainingOptions,
  TrainingSession,
  TrainingState,
  TrainingStep,
} from './training-session.ts';
import { TrainingWorkerError } from './training-worker-error.ts';

/**
 * Opens a model for training in a worker thread of its own. Rejects with TrainingInputError where the tensors do not fit the
 * configuration or the objective does not fit its head, with the signal's reason where it aborts before the session is open.
 */
export async function createTrainingSession<Objective extends TrainingObjective>(
  options: TrainingOptions<Objective>,
  signal?: AbortSignal,
): Promise<TrainingSession<Objective>> {
  signal?.throwIfAborted();
  checkObjective(options);
  const needed = new Set(tensorShapes(options.config).keys());
  const ofModel = (tensors: ReadonlyMap<string, WeightTensor>) => new Map([...tensors].filter(([name]) => needed.has(name)));
  const { reference } = options;
  const calls = new WorkerCalls({
    ...options,
    tensors: ofModel(options.tensors),
    ...(reference === undefined ? {} : { reference: ofModel(reference) }),
  });
  const abort = () => void calls.close(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  try {
    await calls.ready;
  } catch (error) {
    await calls.close(error);
    throw error;
  } finally {
    signal?.removeEventListener('abort', abort);
  }
  return new WorkerTrainingSession(options, calls);
}

function checkObjective({ config, objective, policyGradient }: TrainingOptions<TrainingObjective>): void {
  const head = objective === 'binaryCrossEntropy' ? 'scalar' : 'language';
  if (config.head !== head)
    throw new TrainingInputError(`${objective} trains a ${head} head; the model has a ${config.head} head`);
  if (objective !== 'policyGradient') return;
  if (policyGradient === undefined) throw new TrainingInputError('policyGradient needs its clip and klCoefficient');
  const { clip, klCoefficient } = policyGradient;
  if (!(clip > 0 && clip < Infinity)) throw new TrainingInputError(`clip is ${clip}, not over 0`);
  if (!(klCoefficient >= 0 && klCoefficient < Infinity))
    throw new TrainingInputError(`klCoefficient is ${klCoefficient}, not 0 or more`);
}

class WorkerTrainingSession<Objective extends TrainingObjective> implements TrainingSession<Objective> {
  readonly #options: TrainingOptions<Objective>;
  readonly #calls: WorkerCalls;

  constructor(options: TrainingOptions<Objective>, calls: WorkerCalls) {
    this.#options = options;
    this.#calls = calls;
  }

  async step(step: TrainingStep<Objective>, signal?: AbortSignal): Promise<StepResult> {
    signal?.throwIfAborted();
    const { config, objective } = this.#options;
    const batch = packBatch(config, objective, step);
    const answer = await this.#calls.call({ kind: 'step', batch, learningRates: step.learningRates });
    if (answer.kind !== 'step') throw unexpected(answer);
    const { loss, gradientNorm, metrics, milliseconds } = answer;
    return { loss, gradientNorm, metrics, milliseconds, tokens: batch.tokens, paddedTokens: batch.paddedTokens };
  }

  async exportTensors() {
    const answer = await this.#calls.call({ kind: 'exportTensors' });
    if (answer.kind !== 'tensors') throw unexpected(answer);
    return answer.tensors;
  }

  async exportState(): Promise<TrainingState> {
    const answer = await this.#calls.call({ kind: 'exportState' });
    if (answer.kind !== 'state') throw unexpected(answer);
    return answer.state;
  }

  async importState(state: TrainingState): Promise<void> {
    await this.#calls.call({ kind: 'importState', state });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#calls.close();
  }
}

/** Calls to the worker, each answered once; all that are open reject when the worker ends. */
class WorkerCalls {
  readonly ready: Promise<TrainingAnswer>;
  readonly #worker: Worker;
  readonly #open = new Map<number, PromiseWithResolvers<TrainingAnswer>>();
  #count = 0;
  #ended: unknown;

  constructor(options: TrainingOptions<TrainingObjective>) {
    const file = import.meta.url.endsWith('.ts') ? './training-worker.ts' : './training-worker.js';
    this.#worker = new Worker(new URL(file, import.meta.url), { workerData: options });
    this.#worker.on('message', (response: TrainingResponse) => this.#settle(response));
    this.#worker.on('error', (cause) =>
      this.#end(new TrainingWorkerError(`the training worker failed: ${String(cause)}`, { cause })),
    );
    this.#worker.on('exit', (code) => this.#end(new TrainingWorkerError(`the training worker ended with code ${code}`)));
    this.ready = this.#expect(this.#count++);
  }

  async call(action: TrainingAction): Promise<TrainingAnswer> {
    if (this.#ended !== undefined) throw this.#ended;
    const id = this.#count++;
    const answer = this.#expect(id);
    this.#worker.postMessage({ id, ...action });
    return answer;
  }

  async close(reason: unknown = new TrainingWorkerError('the training session is disposed')): Promise<void> {
    this.#end(reason);
    await this.#worker.terminate();
  }

  #expect(id: number): Promise<TrainingAnswer> {
    const answer = Promise.withResolvers<TrainingAnswer>();
    this.#open.set(id, answer);
    return answer.promise;
  }

  #settle(response: TrainingResponse): void {
    const answer = this.#open.get(response.id);
    this.#open.delete(response.id);
    if (response.kind === 'diverged') answer?.reject(new TrainingDivergedError(response.loss, response.gradientNorm));
    else if (response.kind !== 'failure') answer?.resolve(response);
    else answer?.reject(new (response.input ? TrainingInputError : TrainingWorkerError)(response.message));
  }

  #end(reason: unknown): void {
    this.#ended ??= reason;
    for (const answer of this.#open.values()) answer.reject(this.#ended);
    this.#open.clear();
  }
}

const unexpected = (answer: TrainingAnswer): TrainingWorkerError =>
  new TrainingWorkerError(`the training worker answered '${answer.kind}'`);
