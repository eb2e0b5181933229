import { percentileBootstrap } from './percentile-bootstrap.ts';
import type { BootstrapOptions } from './resampled-values.ts';
import { weightedMean } from './weighted-mean.ts';
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
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, ...percentileBootstrap(values.length, weightedMean(values), options) };
}
