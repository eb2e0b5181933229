import { setImmediate } from 'node:timers/promises';
import type { Clock } from './clock.ts';

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/** Time that only moves when a test says so. */
export class ManualClock implements Clock {
  #now = 1_000_000;
  readonly #sleepers = new Set<Sleeper>();

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted === true) return resolve();
      const wake = () => {
        this.#sleepers.delete(sleeper);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const sleeper = { at: this.#now + ms, wake };
      this.#sleepers.add(sleeper);
      signal?.addEventListener('abort', wake, { once: true });
    });
  }

  /** Lets `ms` pass: whoever sleeps wakes at its time, and what it does then is waited for. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settled();
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#now = Math.max(this.#now, next.at);
      next.wake();
      await settled();
    }
    this.#now = end;
  }

  /** Lets `ms` pass while nobody can wake, as in a process whose event loop stands still. */
  stall(ms: number): void {
    this.#now += ms;
  }

  #next(end: number): Sleeper | undefined {
    return [...this.#sleepers].filter(({ at }) => at <= end).toSorted((one, other) => one.at - other.at)[0];
  }
}

/** All that follows from promises which are settled already. */
async function settled(): Promise<void> {
  for (let round = 0; round < 5; round++) await setImmediate();
}
