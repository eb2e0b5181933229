import { percentileBootstrap, type BootstrapOptions } from './percentile-bootstrap.ts';
import type { Interval } from './wilson-interval.ts';

export interface BootstrappedMean extends Interval {
  readonly mean: number;
}

/**
 * A mean over items with its interval, for values that are no plain successes: credits averaged over several draws,
 * which a binomial interval would take for one draw each.
 * @param values one an item
 */
export function bootstrapMean(values: readonly number[], options: BootstrapOptions): BootstrappedMean {
  if (values.length === 0) throw new RangeError('there is no mean of no items');
  const data = Float64Array.from(values);
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
  const resampled = (times: Uint32Array): number => {
    let sum = 0;
    for (let item = 0; item < data.length; item += 1) sum += (times[item] ?? 0) * (data[item] ?? 0);
    return sum / data.length;
  };
  return { mean, ...percentileBootstrap(data.length, resampled, options) };
}
