import { seededRandom } from '../random/random.ts';
import type { Interval } from './wilson-interval.ts';

export interface BootstrapOptions {
  /** 32-bit integer. */
  readonly seed: number;
  /** 10,000 unless told. */
  readonly resamples?: number;
  /** 0.95 unless told. */
  readonly confidence?: number;
}

/**
 * Percentile bootstrap over items (Efron 1979).
 * @param items how many there are
 * @param statistic of a resample, told as how often each item was drawn: `times` sums to `items`, and is reused by the
 * next call. NaN where the resample has none; those are left out.
 * @returns [NaN, NaN] where no resample has a statistic
 */
export function percentileBootstrap(
  items: number,
  statistic: (times: Uint32Array) => number,
  { seed, resamples = 10_000, confidence = 0.95 }: BootstrapOptions,
): Interval {
  if (items === 0) throw new RangeError('cannot resample no items');
  const random = seededRandom(seed);
  const times = new Uint32Array(items);
  const values = Float64Array.from({ length: resamples }, () => {
    times.fill(0);
    for (let draw = 0; draw < items; draw += 1) {
      const item = random.integer(0, items - 1);
      times[item] = (times[item] ?? 0) + 1;
    }
    return statistic(times);
  })
    .filter((value) => !Number.isNaN(value))
    .toSorted();
  const quantile = (share: number): number => values[Math.min(values.length - 1, Math.floor(share * values.length))] ?? Number.NaN;
  return { low: quantile((1 - confidence) / 2), high: quantile((1 + confidence) / 2) };
}
