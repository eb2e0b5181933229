import type { RuntimeMetrics } from '../metrics/runtime-metrics.ts';
import { TokenBucket, type Rate } from '../api/token-bucket.ts';
import { type BackOff, backOffMs } from '../time/back-off.ts';
import type { Clock } from '../time/clock.ts';

export interface WorkQueueOptions {
  readonly name: string;
  readonly clock: Clock;
  readonly random: () => number;
  /** Pauses of a key that fails again and again. Default 5 ms to 1000 s. */
  readonly backOff?: BackOff;
  /** Retries of all keys together. Default 10 a second, 100 at once. */
  readonly rate?: Rate;
  readonly metrics?: RuntimeMetrics;
}

export type Priority = 'normal' | 'low';

/**
 * Keys that wait for work: each once, however often it is added, and none that is worked on; one that is added meanwhile waits until it is done.
 * Keys of low priority (an initial list) wait behind the others.
 */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #bucket: TokenBucket;
  /** In the order of their coming, with the time. */
  readonly #waiting: Record<Priority, Map<string, number>> = { normal: new Map(), low: new Map() };
  readonly #working = new Map<string, number>();
  readonly #again = new Map<string, Priority>();
  readonly #failures = new Map<string, number>();
  /** Earliest time at which a key is due, and its timer. */
  readonly #delayed = new Map<string, { readonly due: number; readonly timer: NodeJS.Timeout }>();
  readonly #takers: ((key: string | undefined) => void)[] = [];
  #closed = false;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
    this.#bucket = new TokenBucket(options.rate ?? { perSecond: 10, burst: 100 }, () => options.clock.monotonic());
  }

  get depth(): number {
    return this.#waiting.normal.size + this.#waiting.low.size;
  }

  /** Keys that are being worked on, with the time since when, ms of the monotonic clock. */
  get working(): ReadonlyMap<string, number> {
    return this.#working;
  }

  add(key: string, priority: Priority = 'normal'): void {
    if (this.#closed) return;
    if (this.#working.has(key)) {
      if (this.#again.get(key) !== 'normal') this.#again.set(key, priority);
      return;
    }
    if (this.#waiting.normal.has(key)) return;
    const waited = this.#waiting.low.get(key);
    if (waited !== undefined) {
      if (priority === 'low') return;
      this.#waiting.low.delete(key);
    } else {
      this.#options.metrics?.queueAdds.inc({ name: this.#options.name });
    }
    this.#waiting[priority].set(key, waited ?? this.#options.clock.monotonic());
    this.#hand();
  }

  /** Adds the key after `ms`; an earlier time that it is already due at counts. */
  addAfter(key: string, ms: number): void {
    if (this.#closed) return;
    if (ms <= 0) return this.add(key);
    const due = this.#options.clock.monotonic() + ms;
    const known = this.#delayed.get(key);
    if (known !== undefined && known.due <= due) return;
    clearTimeout(known?.timer);
    // A timer takes 31 bits; one that fires early adds the rest.
    const timer = setTimeout(() => {
      this.#delayed.delete(key);
      this.addAfter(key, due - this.#options.clock.monotonic());
    }, Math.min(ms, 2 ** 31 - 1));
    timer.unref();
    this.#delayed.set(key, { due, timer });
  }

  /** Adds a key that failed: after its own growing pause, and within the rate of all. */
  addFailed(key: string): void {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    this.#options.metrics?.queueRetries.inc({ name: this.#options.name });
    const own = backOffMs(this.#options.backOff ?? { firstMs: 5, mostMs: 1_000_000 }, failures, this.#options.random);
    this.addAfter(key, Math.max(own, this.#bucket.take()));
  }

  /** The key's failures count no more. */
  forget(key: string): void {
    this.#failures.delete(key);
  }

  failuresOf(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  /** The next key, once there is one; absent when the queue was closed. Whoever takes it says `done`. */
  take(): Promise<string | undefined> {
    return new Promise((resolve) => {
      if (this.#closed) return resolve(undefined);
      this.#takers.push(resolve);
      this.#hand();
    });
  }

  done(key: string): void {
    const since = this.#working.get(key);
    if (since === undefined) return;
    this.#working.delete(key);
    this.#options.metrics?.workSeconds.observe({ name: this.#options.name }, (this.#options.clock.monotonic() - since) / 1000);
    const again = this.#again.get(key);
    this.#again.delete(key);
    if (again !== undefined) this.add(key, again);
  }

  close(): void {
    this.#closed = true;
    for (const { timer } of this.#delayed.values()) clearTimeout(timer);
    this.#delayed.clear();
    for (const map of Object.values(this.#waiting)) map.clear();
    for (const taker of this.#takers.splice(0)) taker(undefined);
    this.#report();
  }

  #hand(): void {
    while (this.#takers.length > 0) {
      const queue = this.#waiting.normal.size > 0 ? this.#waiting.normal : this.#waiting.low;
      const next = queue.entries().next();
      if (next.done === true) break;
      const [key, since] = next.value;
      queue.delete(key);
      const now = this.#options.clock.monotonic();
      this.#working.set(key, now);
      this.#options.metrics?.queueSeconds.observe({ name: this.#options.name }, (now - since) / 1000);
      this.#takers.shift()?.(key);
    }
    this.#report();
  }

  #report(): void {
    this.#options.metrics?.queueDepth.set({ name: this.#options.name }, this.depth);
  }
}
