import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Measures how late timers fire. A process that stands still can hold no lease and answer no probe. */
export class EventLoopWatch implements Disposable {
  readonly #histogram = monitorEventLoopDelay({ resolution: 20 });

  constructor() {
    this.#histogram.enable();
  }

  /** Longest delay since the last call, ms. */
  longestMs(): number {
    const longest = this.#histogram.max / 1e6;
    this.#histogram.reset();
    return Number.isFinite(longest) ? longest : 0;
  }

  [Symbol.dispose](): void {
    this.#histogram.disable();
  }
}
