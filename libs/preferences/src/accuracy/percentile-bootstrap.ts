import { resampledValues, type BootstrapOptions, type ResampledStatistic } from './resampled-values.ts';
import type { Interval } from './wilson-interval.ts';

/**
 * Percentile bootstrap over items.
 * @param items how many there are
 * @param statistic NaN where a resample has none; those are left out
 * @returns [NaN, NaN] where no resample has a statistic
 */
export function percentileBootstrap(items: number, statistic: ResampledStatistic, options: BootstrapOptions): Interval {
  const [values = new Float64Array()] = resampledValues(items, [statistic], options);
  return percentileInterval(values, options);
}

/** The middle of resampled values; those that are NaN are left out. */
export function percentileInterval(resampled: Float64Array, { confidence = 0.95 }: Pick<BootstrapOptions, 'confidence'> = {}): Interval {
  const values = resampled.filter((value) => !Number.isNaN(value)).toSorted();
  const quantile = (share: number): number => values[Math.min(values.length - 1, Math.floor(share * values.length))] ?? Number.NaN;
  return { low: quantile((1 - confidence) / 2), high: quantile((1 + confidence) / 2) };
}
