import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRight } from '../reward/is-right.ts';
import { outcomeOf, rewardOf, type Outcome } from '../reward/outcome-of.ts';
import { groupAdvantages } from './group-advantages.ts';
import { selectRight } from './select-right.ts';

describe('the rule-based reward', () => {
  it.each([
    ['the best alone at the top is right', '\\boxed{2, 9, 3}', [0, 1, 2], 'right'],
    ['scores are read in the order shown', '\\boxed{9, 2, 3}', [1, 2, 0], 'right'],
    ['a tie at the top is wrong', '\\boxed{9, 9, 3}', [0, 1, 2], 'wrong'],
    ['another at the top is wrong', '\\boxed{9, 8, 3}', [0, 1, 2], 'wrong'],
    ['a missing score cannot be read', '\\boxed{2, 9}', [0, 1, 2], 'unreadable'],
    ['no box cannot be read', 'I do not know.', [0, 1, 2], 'unreadable'],
  ] as const)('%s', (_, text, order, outcome) => {
    expect(outcomeOf(text, order, { best: 1 })).toBe(outcome);
    expect(rewardOf(outcome)).toBe(outcome === 'right' ? 1 : -1);
  });

  it.each([
    [10, 1, true], [6, 1, true], [5, 1, false], [1, 1, false],
    [1, 0, true], [5, 0, true], [6, 0, false], [10, 0, false],
  ] as const)('a single response scored %i with label %i is right: %s', (score, label, right) => {
    expect(isRight([score], { label })).toBe(right);
  });
});

describe('group advantages', () => {
  it('are 1.73 for the one right judgement of four, -0.58 for the others', () => {
    expect(groupAdvantages([1, -1, -1, -1])?.map((value) => value.toFixed(2))).toEqual(['1.73', '-0.58', '-0.58', '-0.58']);
  });

  it('are none where all rewards are equal', () => {
    expect(groupAdvantages([-1, -1, -1])).toBeUndefined();
    expect(groupAdvantages([1])).toBeUndefined();
  });

  it('have mean 0 and deviation 1 otherwise', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(1, -1), { minLength: 2, maxLength: 32 }).filter((rewards) => new Set(rewards).size > 1), (rewards) => {
        const advantages = groupAdvantages(rewards) ?? [];
        const mean = advantages.reduce((sum, value) => sum + value, 0) / advantages.length;
        const square = advantages.reduce((sum, value) => sum + value ** 2, 0) / advantages.length;
        expect(mean).toBeCloseTo(0, 9);
        expect(square).toBeCloseTo(1, 4);
      }),
    );
  });
});

describe('rejection', () => {
  const outcome = fc.constantFrom<Outcome>('right', 'wrong', 'unreadable');

  it('keeps what is right of an item that is judged now right, now wrong', () => {
    expect(selectRight({ plain: ['right', 'wrong', 'right'], hinted: ['right', 'unreadable'] }, { dropUnanimous: true })).toEqual({
      plain: [0, 2],
      hinted: [0],
      dropped: { wrong: 1, unreadable: 1, unanimous: 0 },
    });
  });

  it('leaves out an item that is always judged right, its hinted judgements too', () => {
    const outcomes = { plain: ['right', 'right'], hinted: ['right', 'wrong'] } as const;
    expect(selectRight(outcomes, { dropUnanimous: true })).toEqual({ plain: [], hinted: [], dropped: { wrong: 1, unreadable: 0, unanimous: 3 } });
    expect(selectRight(outcomes, { dropUnanimous: false })).toMatchObject({ plain: [0, 1], hinted: [0] });
  });

  it('keeps hinted judgements where none is drawn without a hint', () => {
    expect(selectRight({ plain: [], hinted: ['right'] }, { dropUnanimous: true }).hinted).toEqual([0]);
  });

  it('accounts for every judgement once', () => {
    fc.assert(
      fc.property(fc.array(outcome, { maxLength: 5 }), fc.array(outcome, { maxLength: 3 }), fc.boolean(), (plain, hinted, dropUnanimous) => {
        const selected = selectRight({ plain, hinted }, { dropUnanimous });
        const { wrong, unreadable, unanimous } = selected.dropped;
        expect(selected.plain.length + selected.hinted.length + wrong + unreadable + unanimous).toBe(plain.length + hinted.length);
      }),
    );
  });
});
