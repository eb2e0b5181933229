import { describe, expect, it } from 'vitest';
import { bootstrapAreaUnderCurve } from './bootstrap-area-under-curve.ts';
import { bootstrapMean } from './bootstrap-mean.ts';
import { estimateTogether, unpairedDifference, type ItemResults } from './item-results.ts';
import { pairedBootstrap } from './paired-bootstrap.ts';

const options = { seed: 3, resamples: 2_000 };
const credits = (values: readonly number[]): ItemResults => ({ measure: 'accuracy', credits: values });
const theirs = Array.from({ length: 200 }, (_, index) => index % 2);
const ours = theirs.map((value, index) => (index % 20 === 0 ? 1 : value));

describe('estimates on the same items', () => {
  const { values, differences } = estimateTogether(new Map([['ours', credits(ours)], ['theirs', credits(theirs)]]), [['ours', 'theirs']], options);

  it('are the means with the intervals that each has by itself', () => {
    const { mean, low, high } = bootstrapMean(ours, options);
    expect(values.get('ours')).toEqual({ value: mean, low, high });
  });

  it('tell the difference of two with the interval of the paired bootstrap', () => {
    const { low, high } = pairedBootstrap(ours, theirs, options);
    expect(differences[0]?.value).toBeCloseTo(0.05, 10);
    expect(differences[0]?.low).toBeCloseTo(low, 10);
    expect(differences[0]?.high).toBeCloseTo(high, 10);
  });

  it('of single responses are areas under the curve over all draws of an item', () => {
    const labels = Array.from({ length: 60 }, (_, index) => (index % 2 === 0 ? 1 : 0) as 0 | 1);
    const scores = labels.map((label, index) => [label * 2 + (index % 5), label + (index % 7)]);
    const { auc, low, high } = bootstrapAreaUnderCurve(labels.flatMap((label, item) => (scores[item] ?? []).map((score) => ({ item, label, score }))), options);
    const { values: areas } = estimateTogether(new Map([['vote@1', { measure: 'rocAuc', scores, labels } as const]]), [], options);
    expect(areas.get('vote@1')).toEqual({ value: auc, low, high });
  });

  it('do not take items that are all right for certainty', () => {
    const { values: certain } = estimateTogether(new Map([['all', credits(Array.from({ length: 10 }, () => 1))]]), [], options);
    expect(certain.get('all')).toMatchObject({ value: 1, high: 1 });
    expect(certain.get('all')?.low).toBeCloseTo(0.722, 3);
  });

  it('are none of no items, and an error of methods with different numbers of items', () => {
    expect(estimateTogether(new Map([['a', credits([])]]), [], options).values.size).toBe(0);
    expect(() => estimateTogether(new Map([['a', credits([1])], ['b', credits([1, 0])]]), [], options)).toThrow(/cannot pair 1 items with 2/u);
    expect(() => estimateTogether(new Map([['a', credits([1])]]), [['a', 'b']], options)).toThrow(/no results of b/u);
  });
});

describe('a difference on other items', () => {
  it('is less certain than one on the same', () => {
    const unpaired = unpairedDifference(credits(ours), credits(theirs.toReversed().slice(0, 150)), options);
    expect(unpaired.value).toBeCloseTo(0.05, 10);
    expect(unpaired.low).toBeLessThan(0);
    expect(unpaired.high).toBeGreaterThan(0.1);
  });
});
