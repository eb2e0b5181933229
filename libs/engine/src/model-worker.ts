import type { WeightTensor } from '@grm/language-model';

/** What a worker is while its thread lives. */
export interface WorkerSession extends AsyncDisposable {
  /** Whether the thread is gone, so that every further request fails. */
  readonly ended: boolean;
  replaceWeights(tensors: ReadonlyMap<string, WeightTensor>): Promise<void>;
}

/**
 * One place for a copy of the model. A copy whose thread has died is replaced when the next request comes, and then only: a model
 * that keeps dying fails one request a time, and whoever watches the engine sees that.
 */
export class ModelWorker<Session extends WorkerSession> implements AsyncDisposable {
  readonly #open: () => Promise<Session>;
  #session: Session;

  private constructor(open: () => Promise<Session>, session: Session) {
    this.#open = open;
    this.#session = session;
  }

  static async start<Session extends WorkerSession>(open: () => Promise<Session>): Promise<ModelWorker<Session>> {
    return new ModelWorker(open, await open());
  }

  /** A session that lives. Rejects with what keeps a new one from being opened. */
  async session(): Promise<Session> {
    if (this.#session.ended) this.#session = await this.#open();
    return this.#session;
  }

  /**
   * Has the copy go on with other weights, those with which a new one would be opened. One that cannot take them is closed, and so
   * replaced when the next request comes.
   */
  async replaceWeights(tensors: ReadonlyMap<string, WeightTensor>): Promise<void> {
    if (this.#session.ended) return;
    await this.#session.replaceWeights(tensors).catch(() => this.#session[Symbol.asyncDispose]());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session[Symbol.asyncDispose]();
  }
}
