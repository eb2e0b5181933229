import { areaUnderCurve, withinItemAreaUnderCurve, type ScoredLabel } from './area-under-curve.ts';
import { percentileBootstrap } from './percentile-bootstrap.ts';
import type { BootstrapOptions } from './resampled-values.ts';
import { weightedAreaUnderCurve } from './weighted-area-under-curve.ts';
import type { Interval } from './wilson-interval.ts';

/** A value and the item that it belongs to; values of one item are not independent, so items are what is resampled. */
export type ScoredItemLabel = ScoredLabel & { readonly item: string | number };

/**
 * Area under the ROC curve over all values, with a bootstrap interval over items.
 * Resamples that lost one of the two labels are left out.
 * @returns all NaN where one of the two labels is missing
 */
export function bootstrapAreaUnderCurve(values: readonly ScoredItemLabel[], options: BootstrapOptions): Interval & { readonly auc: number } {
  const auc = areaUnderCurve(values);
  if (Number.isNaN(auc)) return { auc, low: auc, high: auc };
  const items = [...new Set(values.map(({ item }) => item))];
  const numberOf = new Map(items.map((item, index) => [item, index]));
  const weighted = weightedAreaUnderCurve(values.map(({ item, score, label }) => ({ item: numberOf.get(item) ?? 0, score, label })));
  return { auc, ...percentileBootstrap(items.length, weighted, options) };
}

/**
 * The same between values of one item only, over all such pairs. Items whose values all have one label say nothing
 * and are not resampled.
 * @returns auc, low, high: NaN without pairs
 */
export function bootstrapWithinItemAreaUnderCurve(
  values: readonly ScoredItemLabel[],
  options: BootstrapOptions,
): Interval & { readonly auc: number; readonly pairs: number } {
  const whole = withinItemAreaUnderCurve(values);
  if (whole.pairs === 0) return { ...whole, low: whole.auc, high: whole.auc };
  const mixed = Map.groupBy(values, ({ item }) => item)
    .values()
    .map((group) => withinItemAreaUnderCurve(group))
    .filter(({ pairs }) => pairs > 0)
    .toArray();
  const pairs = Float64Array.from(mixed, (item) => item.pairs);
  const won = Float64Array.from(mixed, (item) => item.auc * item.pairs);
  const resampled = (times: Uint32Array): number => {
    let [wonPairs, allPairs] = [0, 0];
    for (let item = 0; item < mixed.length; item += 1) {
      wonPairs += (times[item] ?? 0) * (won[item] ?? 0);
      allPairs += (times[item] ?? 0) * (pairs[item] ?? 0);
    }
    return wonPairs / allPairs;
  };
  return { ...whole, ...percentileBootstrap(mixed.length, resampled, options) };
}
