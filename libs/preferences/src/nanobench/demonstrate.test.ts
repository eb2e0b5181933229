import { describe, expect, it } from 'vitest';
import { seededRandom } from '../random/random.ts';
import { demonstrate, type Demonstration } from './demonstrate.ts';
import { relevantCriterion } from './kind.ts';
import type { NanobenchItem } from './nanobench-item.ts';
import { nanobenchItems } from './nanobench-items.ts';

const items = nanobenchItems({ split: 'train', seed: 21, count: 2000 }).toArray();

const picksBest = (item: NanobenchItem, order: number[], { scores }: Demonstration): boolean => {
  const best = order.indexOf(item.best);
  return scores.length === order.length && scores.every((score, index) => index === best || score < (scores[best] ?? 0));
};

const judged = (noise: number) => {
  const random = seededRandom(4);
  return items.map((item) => {
    const order = random.shuffle(item.responses.map((_, index) => index));
    const demonstration = demonstrate(item, order, random, { noise });
    return { item, order, demonstration, right: picksBest(item, order, demonstration) };
  });
};

const share = <T>(values: readonly T[], holds: (value: T) => boolean): number => values.filter(holds).length / values.length;

describe('demonstrations', () => {
  it('without noise judge by the criterion that matters and score the best response strictly highest', () => {
    for (const { item, demonstration, right } of judged(0)) {
      expect(right).toBe(true);
      expect(demonstration.criteria[0]?.name).toBe(relevantCriterion[item.category]);
    }
  });

  it('with full noise are right little more often than half the time, in every category', () => {
    const noisy = judged(1);
    expect(share(noisy, ({ right }) => right)).toBeCloseTo(0.58, 1);
    for (const category of ['chat', 'chat-hard', 'safety', 'reasoning']) {
      const rate = share(noisy.filter(({ item }) => item.category === category), ({ right }) => right);
      expect(rate).toBeGreaterThan(0.45);
      expect(rate).toBeLessThan(0.72);
    }
  });

  it('with full noise leave out a score now and then', () => {
    const missing = share(judged(1), ({ order, demonstration }) => demonstration.scores.length < order.length);
    expect(missing).toBeGreaterThan(0.005);
    expect(missing).toBeLessThan(0.05);
  });

  it('score 1-10 in whole numbers and weigh criteria to ten', () => {
    for (const { demonstration } of judged(1)) {
      expect(demonstration.scores.every((score) => Number.isInteger(score) && score >= 1 && score <= 10)).toBe(true);
      expect(demonstration.criteria.reduce((sum, { weight }) => sum + weight, 0)).toBe(10);
      expect(new Set(demonstration.criteria.map(({ name }) => name)).size).toBe(2);
    }
  });

  it('follow the order in which responses are shown', () => {
    const [item] = nanobenchItems({ split: 'train', seed: 1, count: 1 }).toArray();
    if (item === undefined) throw new Error('no item');
    const order = item.responses.map((_, index) => index);
    const forth = demonstrate(item, order, seededRandom(1), { noise: 0 });
    const back = demonstrate(item, order.toReversed(), seededRandom(1), { noise: 0 });
    expect(forth.scores.indexOf(Math.max(...forth.scores))).toBe(item.best);
    expect(back.scores.toReversed().indexOf(Math.max(...back.scores))).toBe(item.best);
  });

  it('take what is wanted from the reference where they are told to, without a fault', () => {
    const random = seededRandom(8);
    for (const item of items.slice(0, 500)) {
      const order = random.shuffle(item.responses.map((_, index) => index));
      const demonstration = demonstrate(item, order, random, { noise: 1, reference: true });
      expect(demonstration.analysis.startsWith(`the reference says ${item.problem.reference} Response 1 `)).toBe(true);
      expect(picksBest(item, order, demonstration)).toBe(true);
    }
  });

  it('of one response give one score, high where it is right', () => {
    const random = seededRandom(8);
    for (const item of nanobenchItems({ split: 'train', seed: 3, single: true, count: 500 })) {
      const { analysis, scores } = demonstrate(item, [0], random, { noise: 0 });
      expect(analysis).toMatch(/Response 1 [^:]*: (?:right|wrong)\.$/u);
      expect(scores).toHaveLength(1);
      expect((scores[0] ?? 0) >= 8).toBe(item.label === 1);
    }
  });

  it('of one response see in themselves whether it is long, when careless', () => {
    const random = seededRandom(8);
    const items = nanobenchItems({ split: 'train', seed: 3, single: true }).take(500);
    const said = items.map((item) => demonstrate(item, [0], random, { noise: 1 }).analysis).toArray();
    expect(said).toContain('Response 1 is long.');
    expect(said).toContain('Response 1 is short.');
  });
});
