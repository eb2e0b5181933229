import { setTimeout as delay } from 'node:timers/promises';

/**
 * Writes the newest of the values that are offered, one at a time and with a pause between the end of one write and the
 * beginning of the next. Values that a newer one has overtaken are never written, so that no queue grows however slow writing is.
 */
export class NewestWriter<Value> implements AsyncDisposable {
  readonly #write: (value: Value) => Promise<void>;
  readonly #pauseMs: number;
  #waiting: { readonly value: Value } | undefined;
  #working: Promise<void> | undefined;
  /** Before this no write begins; by `performance.now()`. */
  #restsUntil = 0;

  /** @param write must not reject */
  constructor(write: (value: Value) => Promise<void>, { pauseMs }: { readonly pauseMs: number }) {
    this.#write = write;
    this.#pauseMs = pauseMs;
  }

  offer(value: Value): void {
    this.#waiting = { value };
    this.#working ??= this.#work();
  }

  /** Resolves when the newest value is written, after its pause. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#working;
  }

  async #work(): Promise<void> {
    while (this.#waiting !== undefined) {
      const rest = this.#restsUntil - performance.now();
      if (rest > 0) await delay(rest);
      const { value } = this.#waiting;
      this.#waiting = undefined;
      await this.#write(value);
      this.#restsUntil = performance.now() + this.#pauseMs;
    }
    this.#working = undefined;
  }
}
