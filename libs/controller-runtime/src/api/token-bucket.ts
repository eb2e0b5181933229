/** A rate: `perSecond` in the long run, `burst` at once. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** Reservations against a rate, first come first served. */
export class TokenBucket {
  readonly #rate: Rate;
  readonly #now: () => number;
  /** When the bucket would be full again if nothing more were taken, ms. */
  #fullAt: number;

  /** @param now milliseconds of a clock that never goes back. */
  constructor(rate: Rate, now: () => number) {
    this.#rate = rate;
    this.#now = now;
    this.#fullAt = now();
  }

  /** Takes a token and says how long to wait for it, ms. */
  take(): number {
    const now = this.#now();
    const interval = 1000 / this.#rate.perSecond;
    this.#fullAt = Math.max(this.#fullAt, now) + interval;
    return Math.max(0, this.#fullAt - now - this.#rate.burst * interval);
  }

  /** Hands back a token that was waited for in vain: without that, requests that all give up would block those after them for ever. */
  giveBack(): void {
    this.#fullAt -= 1000 / this.#rate.perSecond;
  }
}
