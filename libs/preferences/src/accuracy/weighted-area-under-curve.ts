import type { ScoredLabel } from './area-under-curve.ts';
import type { ResampledStatistic } from './resampled-values.ts';

/**
 * Area under the ROC curve of a resample of items: sorted once, a resample is one pass.
 * @param values `item` is the item's number; several values may belong to one
 * @returns a statistic that is NaN where a resample lost one of the two labels
 */
export function weightedAreaUnderCurve(values: readonly (ScoredLabel & { readonly item: number })[]): ResampledStatistic {
  const sorted = values.toSorted((a, b) => a.score - b.score);
  const itemOf = Uint32Array.from(sorted, ({ item }) => item);
  const positive = Uint8Array.from(sorted, ({ label }) => label);
  /** 1 where a value's score differs from the next one's. */
  const endsTie = Uint8Array.from(sorted, ({ score }, index) => Number(score !== sorted[index + 1]?.score));
  return (times) => {
    let [won, positives, negatives, tiedPositives, tiedNegatives] = [0, 0, 0, 0, 0];
    for (let index = 0; index < sorted.length; index += 1) {
      const weight = times[itemOf[index] ?? 0] ?? 0;
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
