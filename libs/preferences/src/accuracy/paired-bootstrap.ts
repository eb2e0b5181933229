import { bootstrapMean } from './bootstrap-mean.ts';
import type { BootstrapOptions } from './resampled-values.ts';
import type { Interval } from './wilson-interval.ts';

/** How much better one method is than another on the same items. */
export interface PairedDifference extends Interval {
  /** Mean of `ours` less mean of `theirs`. */
  readonly difference: number;
}

/**
 * Percentile bootstrap over items, both methods resampled together.
 * @param ours,theirs credits of the same items in the same order
 */
export function pairedBootstrap(ours: readonly number[], theirs: readonly number[], options: BootstrapOptions): PairedDifference {
  if (ours.length !== theirs.length) throw new RangeError(`cannot pair ${ours.length} items with ${theirs.length}`);
  if (ours.length === 0) throw new RangeError('cannot compare methods on no items');
  const { mean, low, high } = bootstrapMean(ours.map((value, index) => value - (theirs[index] ?? 0)), options);
  return { difference: mean, low, high };
}
