import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accuracyReport } from './accuracy-report.ts';
import { areaUnderCurve, withinItemAreaUnderCurve } from './area-under-curve.ts';
import { bootstrapAreaUnderCurve, bootstrapWithinItemAreaUnderCurve } from './bootstrap-area-under-curve.ts';
import { bootstrapMean } from './bootstrap-mean.ts';
import { calibration } from './calibration.ts';
import { creditOf } from './credit.ts';
import { pairedBootstrap } from './paired-bootstrap.ts';
import { percentileBootstrap } from './percentile-bootstrap.ts';
import { seededRandom } from '../random/random.ts';
import { wilsonInterval } from './wilson-interval.ts';

/** Time that this thread has computed: other work on the machine does not count. */
const computingMs = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};

describe('credit of a verdict', () => {
  it.each([
    [[9, 2], 0, { random: 1, strict: 1 }],
    [[9, 9, 2], 1, { random: 0.5, strict: 0 }],
    [[5, 5, 5], 2, { random: 1 / 3, strict: 0 }],
    [[2, 9], 0, { random: 0, strict: 0 }],
    [[9, 9, 10], 0, { random: 0, strict: 0 }],
  ])('of scores %j with the best at %i is %j', (scores, best, credit) => {
    expect(creditOf(scores, best, scores.length)).toEqual(credit);
  });

  it('is a guess where there is no verdict, and an error where scores do not fit', () => {
    expect(creditOf(null, 0, 4)).toEqual({ random: 0.25, strict: 0 });
    expect(() => creditOf([1], 0, 2)).toThrow(/are not 2 numbers/u);
    expect(() => creditOf([1, Number.NaN], 0, 2)).toThrow(RangeError);
  });
});

describe('accuracy', () => {
  it('is reported for all items and by category, with chance', () => {
    const report = accuracyReport([
      { category: 'chat', credit: { random: 1, strict: 1 }, responses: 2 },
      { category: 'chat', credit: { random: 0.5, strict: 0 }, responses: 2 },
      { category: 'safety', credit: { random: 0, strict: 0 }, responses: 4 },
      { credit: { random: 1, strict: 1 }, responses: 4 },
    ]);
    expect(report).toMatchObject({ items: 4, accuracy: 0.625, strict: 0.5, chance: 0.375 });
    expect(report.categories['chat']).toMatchObject({ items: 2, accuracy: 0.75, strict: 0.5, chance: 0.5 });
    expect(Object.keys(report.categories)).toEqual(['chat', 'safety']);
  });
});

describe("Wilson's interval", () => {
  it.each([
    // Values from the closed form, z = 1.96: e.g. Brown, Cai, DasGupta 2001.
    [0, 10, 0, 0.2775],
    [5, 10, 0.2366, 0.7634],
    [81, 263, 0.2553, 0.3662],
  ])('of %i in %i is [%f, %f]', (successes, trials, low, high) => {
    expect(wilsonInterval(successes, trials).low).toBeCloseTo(low, 3);
    expect(wilsonInterval(successes, trials).high).toBeCloseTo(high, 3);
  });

  it('holds the rate, stays within [0, 1] and says nothing without trials', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), fc.double({ min: 0, max: 1, noNaN: true }), (trials, rate) => {
        const { low, high } = wilsonInterval(rate * trials, trials);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(low).toBeLessThanOrEqual(rate + 1e-9);
        expect(high).toBeGreaterThanOrEqual(rate - 1e-9);
      }),
      { seed: 1 },
    );
    expect(wilsonInterval(0, 0)).toEqual({ low: 0, high: 1 });
    expect(wilsonInterval(60, 60).high).toBe(1);
    expect(wilsonInterval(0, 60).low).toBe(0);
  });
});

describe('the paired bootstrap', () => {
  const theirs = Array.from({ length: 400 }, (_, index) => index % 2);
  const better = theirs.map((value, index) => (index % 20 === 0 ? 1 : value));

  it('sees a small steady gain that unpaired intervals would miss', () => {
    const { difference, low, high } = pairedBootstrap(better, theirs, { seed: 1 });
    expect(difference).toBeCloseTo(0.05, 6);
    expect(low).toBeGreaterThan(0.02);
    expect(high).toBeLessThan(0.08);
    expect(wilsonInterval(220, 400).low).toBeLessThan(wilsonInterval(200, 400).high);
  });

  it('covers zero for equal methods, and repeats by seed', () => {
    const shifted = [...theirs.slice(1), 0];
    const one = pairedBootstrap(shifted, theirs, { seed: 5 });
    expect(one.low).toBeLessThan(0);
    expect(one.high).toBeGreaterThanOrEqual(0);
    expect(pairedBootstrap(shifted, theirs, { seed: 5 })).toEqual(one);
  });

  it('refuses lists of different lengths', () => {
    expect(() => pairedBootstrap([1], [1, 0], { seed: 1 })).toThrow(/cannot pair 1 items with 2/u);
  });
});

describe('the bootstrapped mean', () => {
  it('has the interval that the standard error gives', () => {
    const values = Array.from({ length: 400 }, (_, index) => (index % 4) / 3);
    const standardError = Math.sqrt(values.reduce((sum, value) => sum + (value - 0.5) ** 2, 0) / 400 / 400);
    const { mean, low, high } = bootstrapMean(values, { seed: 1 });
    expect(mean).toBeCloseTo(0.5, 10);
    expect(low).toBeCloseTo(0.5 - 1.96 * standardError, 2);
    expect(high).toBeCloseTo(0.5 + 1.96 * standardError, 2);
    const wider = bootstrapMean(values, { seed: 1, confidence: 0.99 });
    expect(wider.high - wider.low).toBeGreaterThan(1.2 * (high - low));
  });

  it('is narrower than a binomial interval where credits are means over draws', () => {
    const random = seededRandom(2);
    const credits = Array.from({ length: 300 }, () => Array.from({ length: 8 }, () => random.integer(0, 1)).reduce((sum, value) => sum + value, 0) / 8);
    const { mean, low, high } = bootstrapMean(credits, { seed: 1 });
    const binomial = wilsonInterval(300 * mean, 300);
    expect(high - low).toBeLessThan(0.5 * (binomial.high - binomial.low));
  });

  it('is found fast for a thousand items', () => {
    const values = Array.from({ length: 1000 }, (_, index) => index % 3);
    const began = computingMs();
    bootstrapMean(values, { seed: 1 });
    expect(computingMs() - began).toBeLessThan(5000);
  });

  it('of nothing is an error, of one item that item', () => {
    expect(() => bootstrapMean([], { seed: 1 })).toThrow(RangeError);
    expect(bootstrapMean([0.5], { seed: 1 })).toEqual({ mean: 0.5, low: 0.5, high: 0.5 });
  });
});

describe('the percentile bootstrap', () => {
  it('tells how often each item was drawn, and leaves out resamples without a statistic', () => {
    const interval = percentileBootstrap(3, (times) => {
      expect(times.reduce((sum, count) => sum + count, 0)).toBe(3);
      return times[0] === 0 ? Number.NaN : 7;
    }, { seed: 1, resamples: 100 });
    expect(interval).toEqual({ low: 7, high: 7 });
  });
});

describe('area under the curve', () => {
  it('equals the share of pairs in the right order, ties counting half', () => {
    const values = fc.array(fc.record({ score: fc.integer({ min: 0, max: 5 }), label: fc.constantFrom(0 as const, 1 as const) }), { maxLength: 40 });
    fc.assert(
      fc.property(values, (sample) => {
        const positives = sample.filter(({ label }) => label === 1);
        const negatives = sample.filter(({ label }) => label === 0);
        const won = positives.flatMap((p) => negatives.map((n) => (p.score > n.score ? 1 : 0) + (p.score === n.score ? 0.5 : 0)));
        const share = won.reduce((sum: number, value) => sum + value, 0) / won.length;
        const area = areaUnderCurve(sample);
        expect(Math.round(area * 1e9)).toEqual(Math.round(share * 1e9));
      }),
      { seed: 1 },
    );
  });

  it('within items ignores which items are easy', () => {
    const values = [
      { item: 'easy', score: 9, label: 1 as const },
      { item: 'easy', score: 8, label: 1 as const },
      { item: 'hard', score: 2, label: 0 as const },
      { item: 'mixed', score: 5, label: 1 as const },
      { item: 'mixed', score: 6, label: 0 as const },
    ];
    expect(areaUnderCurve(values)).toBeGreaterThan(0.8);
    expect(withinItemAreaUnderCurve(values)).toEqual({ auc: 0, pairs: 1 });
  });
});

describe('the area under the curve with its interval', () => {
  /** Items with four values each; an item's hardness moves its scores and labels together. */
  const values = (items: number, hardness: number) => {
    const random = seededRandom(3);
    return Array.from({ length: items }, (_, item) => {
      const easy = random.unit();
      return Array.from({ length: 4 }, () => {
        const label = random.chance(0.2 + 0.6 * easy) ? 1 as const : 0 as const;
        return { item, label, score: Math.round(4 * (label + 1.5 * random.unit() + hardness * easy)) };
      });
    }).flat();
  };
  const width = ({ low, high }: { low: number; high: number }): number => high - low;

  it('holds the area, and is the area of the resampled values, ties and all', () => {
    const sample = values(60, 1);
    const resamples = 200;
    const { auc, low, high } = bootstrapAreaUnderCurve(sample, { seed: 5, resamples });
    expect(auc).toBe(areaUnderCurve(sample));
    const direct = percentileBootstrap(60, (times) => areaUnderCurve(sample.flatMap((value) => Array.from({ length: times[value.item] ?? 0 }, () => value))), { seed: 5, resamples });
    expect(low).toBeCloseTo(direct.low, 10);
    expect(high).toBeCloseTo(direct.high, 10);
    expect(low).toBeLessThan(auc);
    expect(high).toBeGreaterThan(auc);
  });

  it('narrows with the root of the items', () => {
    const [few, many] = [bootstrapAreaUnderCurve(values(50, 1), { seed: 1, resamples: 1000 }), bootstrapAreaUnderCurve(values(800, 1), { seed: 1, resamples: 1000 })];
    expect(width(few) / width(many)).toBeGreaterThan(2.7);
    expect(width(few) / width(many)).toBeLessThan(5.5);
  });

  it('is wider where the values of one item are alike than if each were an item', () => {
    const sample = values(200, 0);
    const alike = sample.map((value, index) => ({ ...value, ...sample[index - (index % 4)], item: value.item }));
    const options = { seed: 1, resamples: 1000 };
    expect(width(bootstrapAreaUnderCurve(alike, options))).toBeGreaterThan(1.5 * width(bootstrapAreaUnderCurve(alike.map((value, item) => ({ ...value, item })), options)));
  });

  it('within items counts pairs of one item, and resamples the items that have some', () => {
    const sample = values(300, 2);
    const within = bootstrapWithinItemAreaUnderCurve(sample, { seed: 1 });
    expect(within).toMatchObject(withinItemAreaUnderCurve(sample));
    expect(within.low).toBeLessThan(within.auc);
    expect(within.high).toBeGreaterThan(within.auc);
    const settled = sample.map((value) => ({ ...value, item: value.item + 1000, label: 1 as const }));
    expect(bootstrapWithinItemAreaUnderCurve([...sample, ...settled], { seed: 1 })).toEqual(within);
  });

  it('is found fast for a thousand items of eight values', () => {
    const sample = values(2000, 1).map((value, index) => ({ ...value, item: index % 1000 }));
    const began = computingMs();
    bootstrapAreaUnderCurve(sample, { seed: 1 });
    bootstrapWithinItemAreaUnderCurve(sample, { seed: 1 });
    expect(computingMs() - began).toBeLessThan(10_000);
  });

  it('is not a number where a label is missing', () => {
    const ones = values(5, 1).map((value) => ({ ...value, label: 1 as const }));
    expect(bootstrapAreaUnderCurve(ones, { seed: 1 }).low).toBeNaN();
    expect(bootstrapWithinItemAreaUnderCurve(ones, { seed: 1 })).toEqual({ auc: Number.NaN, pairs: 0, low: Number.NaN, high: Number.NaN });
  });
});

describe('calibration', () => {
  it('has no error where probabilities come true, and the gap where they do not', () => {
    const values = Array.from({ length: 100 }, (_, index) => ({ probability: 0.75, label: (index % 4 === 0 ? 0 : 1) as 0 | 1 }));
    expect(calibration(values).error).toBeCloseTo(0, 10);
    expect(calibration(values.map(({ label }) => ({ probability: 0.95, label }))).error).toBeCloseTo(0.2, 10);
    expect(calibration(values).bins).toEqual([{ count: 100, meanProbability: 0.75, rate: 0.75 }]);
  });
});
