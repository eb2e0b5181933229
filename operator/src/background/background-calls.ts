import type { CallState } from './call-state.ts';

export interface BackgroundCallsOptions {
  /** Calls at the same time. Each waits for somebody else and holds little, so this bounds memory, not work. */
  readonly limit: number;
  /** Told of each call that has ended, by its key; not of those that were forgotten. */
  readonly ended: (key: string) => void;
}

interface Call<T> {
  state: CallState<T>;
  readonly stop: AbortController;
}

/**
 * Calls that last longer than a worker may be kept: one at most for a key, each with a deadline. A reconcile starts one, goes away, and
 * finds what came of it when it is called again. What is known here dies with the process, so whoever starts a call must be able to start it anew.
 */
export class BackgroundCalls<T> implements Disposable {
  readonly #calls = new Map<string, Call<T>>();
  readonly #options: BackgroundCallsOptions;

  constructor(options: BackgroundCallsOptions) {
    this.#options = options;
  }

  state(key: string): CallState<T> {
    return this.#calls.get(key)?.state ?? { kind: 'none' };
  }

  /**
   * Starts a call unless there is one of this key. It fails at its deadline whether or not `work` heeds its signal.
   * @returns false when as many calls as may be are under way: try again later
   */
  start(key: string, deadlineMs: number, work: (signal: AbortSignal) => Promise<T>): boolean {
    if (this.#calls.has(key)) return true;
    if (this.#pending() >= this.#options.limit) return false;
    const call: Call<T> = { state: { kind: 'pending' }, stop: new AbortController() };
    this.#calls.set(key, call);
    void this.#follow(key, call, deadlineMs, work);
    return true;
  }

  /** Stops the call, if it goes on, and forgets what came of it. */
  forget(key: string): void {
    this.#calls.get(key)?.stop.abort(new Error('nobody waits for this any more'));
    this.#calls.delete(key);
  }

  [Symbol.dispose](): void {
    for (const key of this.#calls.keys()) this.forget(key);
  }

  #pending(): number {
    let count = 0;
    for (const { state } of this.#calls.values()) if (state.kind === 'pending') count += 1;
    return count;
  }

  async #follow(key: string, call: Call<T>, deadlineMs: number, work: (signal: AbortSignal) => Promise<T>): Promise<void> {
    const { promise: ended, reject } = Promise.withResolvers<never>();
    const { signal } = call.stop;
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    const timer = setTimeout(() => call.stop.abort(new Error(`not done within ${Math.round(deadlineMs / 1000)} s`)), deadlineMs);
    try {
      call.state = { kind: 'done', value: await Promise.race([work(signal), ended]) };
    } catch (error) {
      call.state = { kind: 'failed', error: error instanceof Error ? error : new Error(String(error)) };
    } finally {
      clearTimeout(timer);
    }
    if (this.#calls.get(key) === call) this.#options.ended(key);
  }
}
