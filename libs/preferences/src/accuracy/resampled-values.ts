import { seededRandom } from '../random/random.ts';

export interface BootstrapOptions {
  /** 32-bit integer. */
  readonly seed: number;
  /** 10,000 unless told. */
  readonly resamples?: number;
  /** 0.95 unless told. */
  readonly confidence?: number;
}

/**
 * A figure of a resample of items, told as how often each item was drawn: `times` sums to the number of items, and is reused by
 * the next call. NaN where the resample has none.
 */
export type ResampledStatistic = (times: Uint32Array) => number;

/**
 * The statistics of resamples of items, drawn with replacement (Efron 1979). All statistics see the same resamples, so that
 * the difference of two is that of two methods on the same items; drawing is what takes the time.
 * @returns of each statistic its values, one a resample
 */
export function resampledValues(items: number, statistics: readonly ResampledStatistic[], { seed, resamples = 10_000 }: BootstrapOptions): Float64Array[] {
  if (items === 0) throw new RangeError('cannot resample no items');
  const random = seededRandom(seed);
  const times = new Uint32Array(items);
  const values = statistics.map(() => new Float64Array(resamples));
  for (let resample = 0; resample < resamples; resample += 1) {
    times.fill(0);
    for (let draw = 0; draw < items; draw += 1) {
      const item = random.integer(0, items - 1);
      times[item] = (times[item] ?? 0) + 1;
    }
    for (const [index, statistic] of statistics.entries()) values[index]?.fill(statistic(times), resample, resample + 1);
  }
  return values;
}
