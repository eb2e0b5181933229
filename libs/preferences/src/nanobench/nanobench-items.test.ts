import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../random/random.ts';
import { nanobenchCategories, type Kind } from './kind.ts';
import { kinds } from './kinds/kinds.ts';
import { drawProblem, splitOfProblem } from './nanobench-item.ts';
import { nanobenchItems } from './nanobench-items.ts';
import { problemOf } from './problem.ts';
import { splitOf } from './split.ts';

describe('nanobench items', () => {
  it('are the same for the same seed, however many are taken', () => {
    const take = (count: number, seed: number) =>
      nanobenchItems({ split: 'train', seed }).take(count).map(({ id, best, responses }) => ({ id, best, responses })).toArray();
    expect(take(40, 7)).toEqual(take(80, 7).slice(0, 40));
    expect(take(40, 8)).not.toEqual(take(40, 7));
  });

  it('have 2-4 different responses of which exactly one is right, at every position', () => {
    const seen = new Set<string>();
    for (const { responses, best, problem, positions } of nanobenchItems({ split: 'train', seed: 3, count: 2000 })) {
      expect(responses.length).toBeGreaterThanOrEqual(2);
      expect(responses.length).toBeLessThanOrEqual(4);
      expect(new Set(responses).size).toBe(responses.length);
      const solution = problem.solve();
      const right = responses.flatMap((_, index) => (solution.check(positions[index] ?? -1).right ? [index] : []));
      expect(right).toEqual([best]);
      seen.add(`${best}/${responses.length}`);
    }
    expect(seen.size).toBe(2 + 3 + 4);
  });

  it('go through the categories by turns and reach every kind', () => {
    const items = nanobenchItems({ split: 'dev', seed: 1, count: 400 }).toArray();
    for (const category of nanobenchCategories) {
      expect(items.filter((item) => item.category === category)).toHaveLength(100);
    }
    expect(new Set(items.map(({ kind }) => kind.name))).toEqual(new Set(kinds.map(({ name }) => name)));
  });

  it('never repeat when a count is given', () => {
    const ids = nanobenchItems({ split: 'test', seed: 1, count: 1000 }).map(({ id }) => id).toArray();
    expect(new Set(ids).size).toBe(1000);
  });

  it('of a kind too small to split are an error that names the kind', () => {
    const problem = problemOf({
      query: 'yes?',
      wanted: 'yes',
      answers: ['yes', 'no'].map((text) => ({ text, given: text })),
      derive: String,
      name: String,
      check: (given, wanted) => ({ shown: given, right: given === wanted }),
      slip: () => 'no',
    });
    const tiny: Kind = { name: 'tiny', category: 'chat', heldOut: 'question', carefulness: 1, draw: () => problem };
    const missing = (['train', 'dev', 'test'] as const).filter((split) => split !== splitOfProblem(tiny, problem));
    for (const split of missing) expect(() => drawProblem(tiny, split, seededRandom(1))).toThrow(/'tiny'/u);
  });

  it('share no content between splits, whatever the seeds', () => {
    const test = new Set(nanobenchItems({ split: 'test', seed: 11, count: 2000 }).map(({ id }) => id));
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom('train' as const, 'dev' as const), (seed, split) => {
        for (const { id, kind, problem } of nanobenchItems({ split, seed }).take(100)) {
          expect(test.has(id)).toBe(false);
          expect(splitOfProblem(kind, problem)).toBe(split);
        }
      }),
      { numRuns: 30, seed: 1 },
    );
  });

  it('answer in every frame equally often, right or wrong, so that the wording does not tell', () => {
    const items = nanobenchItems({ split: 'train', seed: 5, category: 'reasoning', count: 3000 }).toArray();
    const polite = (text: string): boolean => /sure|of course|good question|here you go/u.test(text);
    const shareOf = (texts: string[]): number => texts.filter(polite).length / texts.length;
    const right = shareOf(items.map(({ responses, best }) => responses[best] ?? ''));
    const wrong = shareOf(items.flatMap(({ responses, best }) => responses.filter((_, index) => index !== best)));
    expect(Math.abs(right - wrong)).toBeLessThan(0.03);
  });

  it('put a question that only reorders a test question into the test split too', () => {
    const sorting = kinds.find(({ name }) => name === 'sorting');
    const random = seededRandom(2);
    const splits = new Map<string, Set<string>>();
    for (let draw = 0; draw < 20_000 && sorting !== undefined; draw += 1) {
      const problem = sorting.draw(random, 2);
      const known = splits.get(problem.question) ?? new Set();
      splits.set(problem.question, known.add(splitOfProblem(sorting, problem)));
    }
    expect([...splits.values()].every((known) => known.size === 1)).toBe(true);
  });

  it('keep the splits that models were trained by', () => {
    const subtractions = Array.from({ length: 29 }, (_, index) => 61 + index);
    const held = Map.groupBy(subtractions, (left) => splitOf(`subtraction|subtract ${left} 38`));
    expect([held.get('test'), held.get('dev')]).toEqual([[61, 63], [77]]);
    const ofOwnShares = kinds.filter(({ heldOutBuckets }) => heldOutBuckets !== undefined).map(({ name }) => name);
    expect(ofOwnShares).toEqual(['city-continent', 'same-color']);
  });

  it('are enough of every kind to test on: three seeds find mostly different items', () => {
    for (const category of nanobenchCategories) {
      const ids = [1, 2, 3].flatMap((seed) => nanobenchItems({ split: 'test', seed, category, count: 250 }).map(({ id }) => id).toArray());
      expect(new Set(ids).size).toBeGreaterThan(600);
    }
  });

  it('compose facts about ten or more different cities and pairs of things', () => {
    const questionsOf = (name: string, split: 'train' | 'test'): Set<string> => {
      const items = nanobenchItems({ split, seed: 1, category: 'chat' }).take(3000).filter(({ kind }) => kind.name === name);
      return new Set(items.map(({ problem }) => problem.question));
    };
    for (const name of ['city-continent', 'same-color']) {
      const [train, test] = [questionsOf(name, 'train'), questionsOf(name, 'test')];
      expect(test.size).toBeGreaterThanOrEqual(10);
      expect(train.intersection(test)).toEqual(new Set());
    }
  });
});

describe('their references', () => {
  it('say what is wanted, and change nothing else', () => {
    const plain = nanobenchItems({ split: 'dev', seed: 2, count: 300 }).toArray();
    const referenced = nanobenchItems({ split: 'dev', seed: 2, count: 300, references: true }).toArray();
    expect(referenced.map(({ id, best }) => ({ id, best }))).toEqual(plain.map(({ id, best }) => ({ id, best })));
    expect(plain.some(({ reference }) => reference !== undefined)).toBe(false);
    const referenceOf = new Map(referenced.map(({ kind, reference }) => [kind.name, reference]));
    expect(referenceOf.get('harmful')).toBe('refuse.');
    expect(referenceOf.get('addition')).toMatch(/^\d+\.$/u);
    expect(referenceOf.get('line-length')).toMatch(/^\d words\.$/u);
    expect(referenceOf.get('long-sorting')).toMatch(/^\d+(, \d+){3,4}\.$/u);
    expect(referenceOf.size).toBe(kinds.length);
  });

  it('are what the right response alone says, where it says a value', () => {
    const valued = ['capital', 'long-addition', 'long-sorting', 'occurrences', 'city-continent'];
    for (const { kind, responses, best, reference = '' } of nanobenchItems({ split: 'train', seed: 6, count: 1000, references: true })) {
      if (!valued.includes(kind.name)) continue;
      const saying = responses.flatMap((response, index) => (` ${response}`.match(/ ((?:\d+, )+\d+|\w+)(?:, of course)?\.$/u)?.[1] === reference.slice(0, -1) ? [index] : []));
      expect(saying).toEqual([best]);
    }
  });
});

describe('single responses', () => {
  const singles = nanobenchItems({ split: 'test', seed: 4, count: 1000, single: true }).toArray();

  it('are right half of the time, in every category, as their label says', () => {
    for (const category of nanobenchCategories) {
      const labels = singles.filter((item) => item.category === category).map(({ label }) => label);
      expect(labels).toHaveLength(250);
      expect(labels.reduce((sum: number, label) => sum + label, 0) / 250).toBeCloseTo(0.5, 0);
    }
    for (const { problem, positions, label } of singles) expect(problem.solve().check(positions[0] ?? -1).right).toBe(label === 1);
  });

  it('have no best response and ids of their own, and stay within their split', () => {
    expect(new Set(singles.map(({ id }) => id)).size).toBe(1000);
    expect(singles.every(({ best, responses }) => best === null && responses.length === 1)).toBe(true);
    expect(singles.every(({ kind, problem }) => splitOfProblem(kind, problem) === 'test')).toBe(true);
  });
});
