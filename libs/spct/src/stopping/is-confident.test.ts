import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { describe, expect, test } from 'vitest';
import { vote } from '../vote/vote.ts';
import type { VoteRule, VoteSample } from '../vote/vote-rule.ts';
import { decideStop } from './decide-stop.ts';
import { keptRange } from './kept-range.ts';
import { overtakingWealth } from './overtaking-wealth.ts';

type Random = ReturnType<typeof xoroshiro128plus>;
type Judge = (random: Random) => Omit<VoteSample, 'index'> | undefined;

const chance = (random: Random, probability: number) => uniformFloat64(random) < probability;

/** Judges that make it hard: the two best are level or nearly so, where a stopping rule errs most. */
const judges: Readonly<Record<string, { responses: number; judge: Judge }>> = {
  'a coin, all or nothing': { responses: 2, judge: (random) => ({ scores: chance(random, 0.5) ? [10, 1] : [1, 10], metaLogit: uniformInt(random, -3, 3) }) },
  'a coin, small leads': { responses: 2, judge: (random) => ({ scores: chance(random, 0.5) ? [6, 5] : [5, 6], metaLogit: uniformInt(random, -3, 3) }) },
  'often a little ahead, seldom far behind': { responses: 2, judge: (random) => ({ scores: chance(random, 0.8) ? [7, 5] : [2, 10], metaLogit: uniformInt(random, -3, 3) }) },
  'three alike': { responses: 3, judge: (random) => ({ scores: [uniformInt(random, 1, 10), uniformInt(random, 1, 10), uniformInt(random, 1, 10)], metaLogit: uniformInt(random, -3, 3) }) },
  'a third invalid': { responses: 2, judge: (random) => (chance(random, 1 / 3) ? undefined : { scores: chance(random, 0.45) ? [9, 3] : [3, 9], metaLogit: uniformInt(random, -3, 3) }) },
  'a meta RM that knows': { responses: 2, judge: (random) => (chance(random, 0.5) ? { scores: [9, 2], metaLogit: uniformInt(random, -1, 3) } : { scores: [2, 9], metaLogit: uniformInt(random, -2, 2) }) },
  'mostly right': { responses: 2, judge: (random) => ({ scores: chance(random, 0.85) ? [9, 2] : [2, 9], metaLogit: uniformInt(random, -1, 3) }) },
};

const ordersOf = (values: readonly number[]): number[][] =>
  values.length === 0 ? [[]] : values.flatMap((value, place) => ordersOf(values.toSpliced(place, 1)).map((rest) => [value, ...rest]));

/** Looks after every single sample, more often than any plan of waves: the rate must hold over all looks. */
function drawUntilConfident(all: readonly (Omit<VoteSample, 'index'> | undefined)[], responses: number, rule: VoteRule, errorRate: number): { settled: number; samples: VoteSample[] } {
  const samples: VoteSample[] = [];
  for (const [index, sample] of all.entries()) {
    if (sample) samples.push({ ...sample, index });
    if (decideStop({ mode: 'Confident', samples, settled: index + 1, asked: all.length, responses, rule, errorRate }).stop) return { settled: index + 1, samples };
  }
  return { settled: all.length, samples };
}

function simulate(judge: Judge, responses: number, rule: VoteRule, errorRate: number, requests: number): { errors: number; share: number } {
  const asked = 32;
  const random = xoroshiro128plus(2026);
  let errors = 0;
  let drawn = 0;
  for (let seed = 0; seed < requests; seed++) {
    const all = Array.from({ length: asked }, () => judge(random));
    const everything = all.flatMap((sample, index) => (sample ? [{ ...sample, index }] : []));
    const { settled, samples } = drawUntilConfident(all, responses, rule, errorRate);
    drawn += settled;
    errors += Number(vote({ samples, responses, rule, seed, asked }).best !== vote({ samples: everything, responses, rule, seed, asked }).best);
  }
  return { errors: errors / requests, share: drawn / requests / asked };
}

describe.each(['sum', 'weight', 'filter'] as const)('confident stopping under %s', (kind) => {
  test.each(Object.entries(judges))('keeps its error rate with %s', (_, { responses, judge }) => {
    const [errorRate, requests] = [0.05, 400];
    // Three standard deviations above the rate, so that a rule that is right does not fail by chance.
    expect(simulate(judge, responses, { kind }, errorRate, requests).errors).toBeLessThan(errorRate + 3 * Math.sqrt((errorRate * (1 - errorRate)) / requests));
  });
});

describe('confident stopping', () => {
  test('keeps its error rate on the worst kind of request: the winner found by all samples wins by one', () => {
    // Conditional on the scores that will be drawn, only their order is random. 15 times +9, 17 times -9 and permutations.
    const random = xoroshiro128plus(5);
    const requests = 2_000;
    let errors = 0;
    for (let request = 0; request < requests; request++) {
      const scores = Array.from({ length: 32 }, (_, index) => (index < 15 ? [10, 1] : [1, 10]));
      for (let last = scores.length - 1; last > 0; last--) {
        const chosen = uniformInt(random, 0, last);
        [scores[last], scores[chosen]] = [scores[chosen] ?? [], scores[last] ?? []];
      }
      const { samples } = drawUntilConfident(scores.map((one) => ({ scores: one })), 2, { kind: 'sum' }, 0.1);
      errors += Number(vote({ samples, responses: 2, rule: { kind: 'sum' }, seed: request, asked: 32 }).best === 0);
    }
    expect(errors / requests).toBeLessThan(0.1);
    // Not for want of trying: the bound is used to a good part.
    expect(errors / requests).toBeGreaterThan(0.02);
  });

  test('saves samples where the judge is mostly right', () => {
    const { responses, judge } = judges['mostly right'] ?? { responses: 0, judge: () => undefined };
    const { share, errors } = simulate(judge, responses, { kind: 'sum' }, 0.05, 300);
    expect(share).toBeLessThan(0.3);
    expect(errors).toBeLessThan(0.02);
  });

  test('saves samples where leads are small but steady', () => {
    const { share, errors } = simulate((random) => ({ scores: [uniformInt(random, 6, 8), uniformInt(random, 3, 5)] }), 2, { kind: 'sum' }, 0.05, 100);
    expect(share).toBeLessThan(0.33);
    expect(errors).toBe(0);
  });

  test('permuting the responses changes neither when it stops nor, with them, the winner', () => {
    const random = xoroshiro128plus(11);
    for (let request = 0; request < 100; request++) {
      const all = Array.from({ length: 32 }, () => ({ scores: [uniformInt(random, 3, 10), uniformInt(random, 1, 8), uniformInt(random, 1, 6)], metaLogit: uniformInt(random, -3, 3) }));
      const turned = all.map((sample) => ({ ...sample, scores: [sample.scores[2] ?? 0, sample.scores[0] ?? 0, sample.scores[1] ?? 0] }));
      for (const kind of ['sum', 'weight', 'filter'] as const) {
        const [before, after] = [drawUntilConfident(all, 3, { kind }, 0.05), drawUntilConfident(turned, 3, { kind }, 0.05)];
        expect(after.settled).toBe(before.settled);
        const [one, other] = [before, after].map(({ samples }) => vote({ samples, responses: 3, rule: { kind }, seed: 1, asked: 32 }));
        const tied = one?.margin === 0;
        expect(tied || other?.best).toBe(tied || ((one?.best ?? 0) + 1) % 3);
      }
    }
  });
});

describe('overtakingWealth', () => {
  test('is a fair game where the sum ends at zero: over all orders its mean is one', () => {
    for (const leads of [[9, -4, -5], [2, 2, 2, 2, -8], [7, 1, 0, -3, -5]]) {
      const orders = ordersOf(leads);
      for (let drawn = 1; drawn < leads.length; drawn++) {
        const mean = orders.reduce((sum, order) => sum + overtakingWealth(order.slice(0, drawn), leads.length, 9), 0) / orders.length;
        expect(mean).toBeCloseTo(1, 12);
      }
    }
  });

  test('is beyond doubt once the challenger cannot catch up', () => {
    expect(overtakingWealth([9, 9, 1], 5, 9)).toBe(Number.POSITIVE_INFINITY);
    expect(overtakingWealth([9, 9], 4, 9)).toBeLessThan(100);
  });
});

describe('keptRange', () => {
  test('covers the hypergeometric distribution but for the error rate', () => {
    // 8 of 16 kept, 8 drawn: P(kept = 0) = 1/12870, P(1) = 64/12870, P(2) = 784/12870.
    expect(keptRange({ drawn: 8, asked: 16, keep: 8, errorRate: (2 * 65) / 12_870 + 1e-9 })).toEqual({ least: 2, most: 6 });
    expect(keptRange({ drawn: 8, asked: 16, keep: 8, errorRate: (2 * 65) / 12_870 - 1e-9 })).toEqual({ least: 1, most: 7 });
  });

  test('is certain at the ends', () => {
    expect(keptRange({ drawn: 16, asked: 16, keep: 8, errorRate: 0.1 })).toEqual({ least: 8, most: 8 });
    expect(keptRange({ drawn: 14, asked: 16, keep: 8, errorRate: 0 })).toEqual({ least: 6, most: 8 });
  });
});
