import type { ResampledStatistic } from './resampled-values.ts';

/** The mean of a resample of items. @param values one an item */
export function weightedMean(values: readonly number[]): ResampledStatistic {
  const data = Float64Array.from(values);
  return (times) => {
    let sum = 0;
    for (let item = 0; item < data.length; item += 1) sum += (times[item] ?? 0) * (data[item] ?? 0);
    return sum / data.length;
  };
}
