import { keyText, type ObjectKey } from '../api/kubernetes-object.ts';
import type { Clock } from '../time/clock.ts';

interface Expected {
  readonly creations: Set<string>;
  readonly deletions: Set<string>;
  readonly since: number;
}

/**
 * What a controller has written for a key and its cache has not shown yet. Until then the cache is stale and what it lacks must not be made a second time.
 * An expectation that is not met in time is given up: the write may have been lost.
 */
export class Expectations {
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #expected = new Map<string, Expected>();

  constructor(clock: Clock, timeoutMs = 60_000) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
  }

  expectCreation(key: ObjectKey, child: string): void {
    this.#of(key).creations.add(child);
  }

  expectDeletion(key: ObjectKey, child: string): void {
    this.#of(key).deletions.add(child);
  }

  created(key: ObjectKey, child: string): void {
    this.#met(key, ({ creations }) => creations.delete(child));
  }

  deleted(key: ObjectKey, child: string): void {
    this.#met(key, ({ deletions }) => deletions.delete(child));
  }

  /** Whether the cache shows all that was written. */
  satisfied(key: ObjectKey): boolean {
    const expected = this.#expected.get(keyText(key));
    if (expected === undefined) return true;
    if (this.#clock.monotonic() - expected.since < this.#timeoutMs) return false;
    this.forget(key);
    return true;
  }

  forget(key: ObjectKey): void {
    this.#expected.delete(keyText(key));
  }

  #of(key: ObjectKey): Expected {
    const known = this.#expected.get(keyText(key));
    const expected = known ?? { creations: new Set<string>(), deletions: new Set<string>(), since: this.#clock.monotonic() };
    if (known === undefined) this.#expected.set(keyText(key), expected);
    return expected;
  }

  #met(key: ObjectKey, meet: (expected: Expected) => void): void {
    const expected = this.#expected.get(keyText(key));
    if (expected === undefined) return;
    meet(expected);
    if (expected.creations.size === 0 && expected.deletions.size === 0) this.forget(key);
  }
}
