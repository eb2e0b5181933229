import { percentileInterval } from './percentile-bootstrap.ts';
import { resampledValues, type BootstrapOptions, type ResampledStatistic } from './resampled-values.ts';
import { weightedAreaUnderCurve } from './weighted-area-under-curve.ts';
import { weightedMean } from './weighted-mean.ts';
import { wilsonInterval, type Interval } from './wilson-interval.ts';

/**
 * What one way of judging made of items, an entry an item: the credits of its verdicts, whose mean is the accuracy; or the scores of
 * single responses beside their labels, whose area under the ROC curve is taken. Several scores of an item are of several draws.
 */
export type ItemResults =
  | { readonly measure: 'accuracy'; readonly credits: readonly number[] }
  | { readonly measure: 'rocAuc'; readonly scores: readonly (readonly number[])[]; readonly labels: readonly (0 | 1)[] };

/** A figure with its interval. */
export interface Estimate extends Interval {
  readonly value: number;
}

interface Column {
  readonly value: number;
  /** One value a resample. */
  readonly resampled: Float64Array;
}

const itemsOf = (results: ItemResults): number => (results.measure === 'accuracy' ? results.credits.length : results.labels.length);

function statisticOf(results: ItemResults): ResampledStatistic {
  if (results.measure === 'accuracy') return weightedMean(results.credits);
  const { scores, labels } = results;
  return weightedAreaUnderCurve(labels.flatMap((label, item) => (scores[item] ?? []).map((score) => ({ item, score, label }))));
}

const once = (items: number): Uint32Array => new Uint32Array(items).fill(1);

/** Items that are all right, or all wrong, are so in every resample; how far that may be chance, Wilson's interval says. */
function intervalOf(results: ItemResults, { value, resampled }: Column, options: BootstrapOptions): Interval {
  if (results.measure === 'accuracy' && (value === 0 || value === 1)) return wilsonInterval(value * itemsOf(results), itemsOf(results));
  return percentileInterval(resampled, options);
}

/**
 * Accuracy or ROC-AUC of several methods on the same items, with percentile bootstrap intervals over items, and how much better one
 * is than another, both resampled together.
 * @param differences pairs of keys of `results`: ours, theirs
 * @returns estimates NaN where there is no item of one of the two labels
 */
export function estimateTogether<Name>(
  results: ReadonlyMap<Name, ItemResults>,
  differences: readonly (readonly [ours: Name, theirs: Name])[],
  options: BootstrapOptions,
): { readonly values: ReadonlyMap<Name, Estimate>; readonly differences: readonly Estimate[] } {
  const sizes = new Set([...results.values()].map(itemsOf));
  const [items = 0, another] = sizes;
  if (another !== undefined) throw new RangeError(`cannot pair ${items} items with ${another}`);
  if (items === 0) return { values: new Map(), differences: [] };
  const names = [...results.keys()];
  const statistics = [...results.values()].map(statisticOf);
  const resampled = resampledValues(items, statistics, options);
  const column = (name: Name): Column => {
    const index = names.indexOf(name);
    if (index < 0) throw new RangeError(`there are no results of ${String(name)}`);
    return { value: statistics[index]?.(once(items)) ?? Number.NaN, resampled: resampled[index] ?? new Float64Array() };
  };
  return {
    values: new Map([...results].map(([name, of]) => [name, { value: column(name).value, ...intervalOf(of, column(name), options) }])),
    differences: differences.map(([ours, theirs]) => differenceOf(column(ours), column(theirs), options)),
  };
}

/** How much better one method is than another on other items: both resampled, each by itself. */
export function unpairedDifference(ours: ItemResults, theirs: ItemResults, options: BootstrapOptions): Estimate {
  const column = (results: ItemResults, seed: number) => {
    const statistic = statisticOf(results);
    const [resampled = new Float64Array()] = resampledValues(itemsOf(results), [statistic], { ...options, seed });
    return { value: statistic(once(itemsOf(results))), resampled };
  };
  return differenceOf(column(ours, options.seed), column(theirs, (options.seed + 1) | 0), options);
}

function differenceOf(ours: Column, theirs: Column, options: BootstrapOptions): Estimate {
  const resampled = ours.resampled.map((value, index) => value - (theirs.resampled[index] ?? Number.NaN));
  return { value: ours.value - theirs.value, ...percentileInterval(resampled, options) };
}
