import type { ScoredLabel } from './area-under-curve.ts';
import type { ResampledStatistic } from './resampled-values.ts';

type NumberedValue = ScoredLabel & { readonly item: number };

/**
 * Area under the ROC curve of a resample of items: sorted once, a resample is one pass.
 * @param values `item` is the item's number; several values may belong to one
 * @returns a statistic that is NaN where a resample lost one of the two labels
 */
export function weightedAreaUnderCurve(values: readonly NumberedValue[]): ResampledStatistic {
  const sorted = countedTogether(values);
  const itemOf = Uint32Array.from(sorted, ({ item }) => item);
  const countOf = Uint32Array.from(sorted, ({ count }) => count);
  const positive = Uint8Array.from(sorted, ({ label }) => label);
  /** 1 where a value's score differs from the next one's. */
  const endsTie = Uint8Array.from(sorted, ({ score }, index) => Number(score !== sorted[index + 1]?.score));
  return (times) => {
    let [won, positives, negatives, tiedPositives, tiedNegatives] = [0, 0, 0, 0, 0];
    for (let index = 0; index < sorted.length; index += 1) {
      const weight = (times[itemOf[index] ?? 0] ?? 0) * (countOf[index] ?? 0);
      if (positive[index] === 1) tiedPositives += weight;
      else tiedNegatives += weight;
      if (endsTie[index] === 0) continue;
      won += tiedPositives * (negatives + tiedNegatives / 2);
      positives += tiedPositives;
      negatives += tiedNegatives;
      tiedPositives = 0;
      tiedNegatives = 0;
    }
    return won / (positives * negatives);
  };
}

/** Values by score, equal scores of an item as one with their count: of many draws of whole scores most are equal. */
function countedTogether(values: readonly NumberedValue[]): (NumberedValue & { readonly count: number })[] {
  const sorted = values.toSorted((a, b) => a.score - b.score || a.item - b.item);
  const together: (NumberedValue & { count: number })[] = [];
  for (const value of sorted) {
    const last = together.at(-1);
    if (last?.item === value.item && last.score === value.score && last.label === value.label) last.count += 1;
    else together.push({ ...value, count: 1 });
  }
  return together;
}
