import type { Judgement } from '@grm/protocol';
import { describe, expect, test } from 'vitest';
import { analysisOf, verdictOf } from './answer.fixture.ts';
import { critiqueOfBest } from './critique-of-best.ts';

/** A judgement of two responses that says so much of each. */
function judgement(seed: number, scores: [number, number], says: [string, string], change: Partial<Judgement> = {}): Judgement {
  return { criteria: [], analysis: analysisOf(seed, says), scores, kept: true, seed, ...change };
}

describe('the critique of the best response', () => {
  test.each<[string, Judgement[], string | undefined]>([
    ['is what a judgement says of it, wherever it was shown', [judgement(1, [5, 4], ['is short', 'is long'])], 'Response 1 is short.'],
    ['is not of a judgement that prefers another', [judgement(1, [5, 9], ['is bad', 'is good'], { metaScore: 0.9 }), judgement(2, [7, 4], ['is fine', 'is not'], { metaScore: 0.1 })], 'Response 1 is fine.'],
    ['is of one that puts it level with others', [judgement(1, [4, 9], ['is bad', 'is good']), judgement(2, [5, 5], ['is as good', 'too'])], 'Response 1 is as good.'],
    ['is of the soundest by the meta RM', [judgement(1, [5, 4], ['is a', 'x'], { metaScore: 0.2 }), judgement(2, [9, 4], ['is b', 'x'], { metaScore: 0.9 })], 'Response 1 is b.'],
    ['is of the one nearest to the mean without a meta RM', [judgement(1, [10, 1], ['is a', 'x']), judgement(2, [6, 4], ['is b', 'x'])], 'Response 1 is b.'],
    ['is of the first of equals', [judgement(1, [5, 4], ['is a', 'x']), judgement(2, [5, 4], ['is b', 'x'])], 'Response 1 is a.'],
    ['is not of one that does not count', [judgement(1, [5, 4], ['is a', 'x'], { kept: false }), judgement(2, [10, 1], ['is b', 'x'])], 'Response 1 is b.'],
    ['passes over one that says nothing', [judgement(1, [5, 4], ['is a', 'x'], { analysis: '' }), judgement(2, [10, 1], ['is b', 'x'])], 'Response 1 is b.'],
    ['is of one that prefers another when none agrees', [judgement(1, [4, 9], ['is bad', 'is good'])], 'Response 1 is bad.'],
    ['is none where there are no words', [judgement(1, [5, 4], ['', ''], { analysis: ' ' })], undefined],
  ])('%s', (_, judgements, critique) => {
    expect(critiqueOfBest(verdictOf([5, 4], judgements))).toBe(critique);
  });
});
