import { seededRandom } from '@grm/preferences';
import { sampleSeed } from '@grm/spct';

/**
 * Which rows each step learns from: every epoch goes through all of them once, in an order of its own. The order depends on the
 * seed and the epoch alone, so that a stage can go on at any step.
 */
export class BatchOrder {
  readonly #rows: number;
  readonly #batchSize: number;
  readonly #seed: number;
  #epoch = -1;
  #order: readonly number[] = [];

  /** @param seed unsigned 32-bit */
  constructor(options: { readonly rows: number; readonly batchSize: number; readonly seed: number }) {
    this.#rows = options.rows;
    this.#batchSize = Math.min(options.batchSize, options.rows);
    this.#seed = options.seed;
  }

  get stepsPerEpoch(): number {
    return Math.ceil(this.#rows / this.#batchSize);
  }

  /** Indices of the rows of a step, counted from 0; an epoch's last batch may be smaller. */
  at(step: number): readonly number[] {
    const epoch = Math.floor(step / this.stepsPerEpoch);
    if (epoch !== this.#epoch) {
      this.#order = seededRandom(sampleSeed(this.#seed, epoch)).shuffle(Array.from({ length: this.#rows }, (_, row) => row));
      this.#epoch = epoch;
    }
    const start = (step % this.stepsPerEpoch) * this.#batchSize;
    return this.#order.slice(start, start + this.#batchSize);
  }
}
