import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { DecoderConfig } from '../config/decoder-config.ts';
import { checkTensors } from '../weights/check-tensors.ts';
import type { WeightTensor } from '../weights/weight-tensor.ts';
import { InferenceWorkerError } from './inference-worker-error.ts';
import { ReplyChannel } from './reply-channel.ts';
import { reviveFailure } from './worker-failure.ts';
import type { WorkerReply, WorkerRequest, WorkerStart } from './worker-messages.ts';

type Work = WorkerRequest extends infer Request ? (Request extends WorkerRequest ? Omit<Request, 'id' | 'cancelled'> : never) : never;

/** Time that a closed worker has to leave what it computes, ms. A step of a model takes less. */
const CLOSE_GRACE_MS = 10_000;

/** A worker thread with a model in it, seen from the thread that asks. */
export class InferenceThread implements AsyncDisposable {
  readonly #worker: Worker;
  readonly #channels = new Map<number, ReplyChannel<WorkerReply>>();
  /** Flags of the requests that the worker has not ended, whether or not somebody still reads their replies. */
  readonly #unended = new Map<number, Int32Array>();
  #idle: (() => void) | undefined;
  #nextId = 0;
  #broken: Error | undefined;

  private constructor(start: WorkerStart) {
    const entry = import.meta.url.endsWith('.ts') ? './inference-worker.ts' : './inference-worker.js';
    this.#worker = new Worker(new URL(entry, import.meta.url), { workerData: start });
  }

  /** Starts the thread and waits until its model is loaded. Rejects with what kept it from loading, or the signal's reason. */
  static async start(start: WorkerStart, signal?: AbortSignal): Promise<InferenceThread> {
    signal?.throwIfAborted();
    const thread = new InferenceThread(start);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const abort = () => reject(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    thread.#listen(resolve, reject);
    try {
      await promise;
      return thread;
    } catch (error) {
      await thread[Symbol.asyncDispose]();
      throw error;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  /** Whether the thread is gone. */
  get ended(): boolean {
    return this.#broken !== undefined;
  }

  /** Sends work and gives its replies; when the signal aborts, the worker is told and still ends the replies itself. */
  async *ask(work: Work, signal?: AbortSignal): AsyncGenerator<WorkerReply> {
    if (this.#broken !== undefined) throw this.#broken;
    const cancelled = new SharedArrayBuffer(4);
    const flag = new Int32Array(cancelled);
    const cancel = () => cancelWith(flag);
    if (signal?.aborted === true) cancel();
    signal?.addEventListener('abort', cancel, { once: true });
    const id = this.#nextId++;
    const channel = new ReplyChannel<WorkerReply>(cancel);
    this.#channels.set(id, channel);
    this.#unended.set(id, flag);
    this.#worker.postMessage({ ...work, id, cancelled } satisfies WorkerRequest);
    try {
      yield* channel;
    } finally {
      signal?.removeEventListener('abort', cancel);
      this.#channels.delete(id);
    }
  }

  /**
   * Has the worker go on with other weights of the same model once the requests before it are answered.
   * @throws WeightsError where they do not fit the configuration; the old ones stay.
   */
  async replaceWeights(tensors: ReadonlyMap<string, WeightTensor>, config: DecoderConfig): Promise<void> {
    const kept = checkTensors(tensors, config, 'new weights');
    await this.ask({ kind: 'replaceWeights', tensors: kept }).next();
  }

  /** Cancels what is asked, whose replies reject at once, and ends the thread when it has left that. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#fail(new InferenceWorkerError('the model was closed'));
    for (const flag of this.#unended.values()) cancelWith(flag);
    // A thread that is terminated in the middle of a native call takes the process with it (an uncaught Napi::Error).
    if (this.#unended.size > 0) await this.#untilIdle();
    await this.#worker.terminate();
  }

  async #untilIdle(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#idle = resolve;
    await Promise.race([promise, delay(CLOSE_GRACE_MS, undefined, { ref: false })]);
  }

  #ended(id: number): void {
    this.#unended.delete(id);
    if (this.#unended.size === 0) this.#idle?.();
  }

  #listen(ready: () => void, broken: (error: Error) => void): void {
    const fail = (error: Error) => {
      broken(error);
      this.#fail(error);
    };
    this.#worker.on('message', (reply: WorkerReply) => {
      switch (reply.kind) {
        case 'ready':
          return ready();
        case 'broken':
          return fail(reviveFailure(reply.failure));
        case 'done':
          this.#ended(reply.id);
          return this.#channels.get(reply.id)?.close();
        case 'failed':
          this.#ended(reply.id);
          return this.#channels.get(reply.id)?.close(reviveFailure(reply.failure));
        case 'generated':
        case 'scored':
          return this.#channels.get(reply.id)?.push(reply);
      }
    });
    this.#worker.on('error', (cause) => fail(new InferenceWorkerError('the thread that runs the model failed', { cause })));
    this.#worker.on('exit', (code) => {
      fail(new InferenceWorkerError(`the thread that runs the model ended with code ${code}`));
      for (const id of this.#unended.keys()) this.#ended(id);
    });
  }

  #fail(error: Error): void {
    this.#broken ??= error;
    for (const channel of this.#channels.values()) channel.close(error);
  }
}

function cancelWith(flag: Int32Array): void {
  Atomics.store(flag, 0, 1);
}
