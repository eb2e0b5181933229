import { EngineBusyError } from './engine-busy-error.ts';

interface Waiting<Worker> {
  readonly grant: (worker: Worker) => void;
  /** Whether it counts for the limit. */
  readonly counted: boolean;
}

/**
 * Lends each of a few workers to one borrower at a time, first come first served. At most `limit` borrowers wait; one more is
 * refused at once rather than left to time out.
 */
export class WorkerPool<Worker> {
  readonly #free: Worker[];
  readonly #size: number;
  readonly #limit: number;
  readonly #queue = new Set<Waiting<Worker>>();

  constructor(workers: readonly Worker[], limit: number) {
    this.#free = [...workers];
    this.#size = workers.length;
    this.#limit = limit;
  }

  get waiting(): number {
    return Iterator.from(this.#queue).filter(({ counted }) => counted).toArray().length;
  }

  /**
   * A worker, given back when disposed of.
   * @throws EngineBusyError; the signal's reason when it aborts before a worker is free.
   */
  async borrow(signal?: AbortSignal): Promise<Loan<Worker>> {
    signal?.throwIfAborted();
    const { waiting } = this;
    if (this.#free.length === 0 && waiting >= this.#limit) throw new EngineBusyError(waiting);
    return this.#next(true, signal);
  }

  /** All workers at once, when those who borrowed or waited before are done; who comes later waits. Not subject to the limit. */
  async borrowAll(): Promise<readonly Loan<Worker>[]> {
    return Promise.all(Array.from({ length: this.#size }, () => this.#next(false)));
  }

  async #next(counted: boolean, signal?: AbortSignal): Promise<Loan<Worker>> {
    const free = this.#free.shift();
    if (free !== undefined) return this.#lend(free);
    const { promise, resolve, reject } = Promise.withResolvers<Worker>();
    const waiting = { grant: resolve, counted };
    const abort = () => {
      this.#queue.delete(waiting);
      reject(signal?.reason);
    };
    this.#queue.add(waiting);
    signal?.addEventListener('abort', abort, { once: true });
    try {
      return this.#lend(await promise);
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  #lend(worker: Worker): Loan<Worker> {
    return { worker, [Symbol.dispose]: () => this.#giveBack(worker) };
  }

  #giveBack(worker: Worker): void {
    const [next] = this.#queue;
    if (next === undefined) this.#free.push(worker);
    else {
      this.#queue.delete(next);
      next.grant(worker);
    }
  }
}

export interface Loan<Worker> extends Disposable {
  readonly worker: Worker;
}
