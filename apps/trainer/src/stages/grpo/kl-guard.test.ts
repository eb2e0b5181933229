import { describe, expect, it } from 'vitest';
import { calmGuard, watchKl, type GuardState } from './kl-guard.ts';

const settings = { limit: 0.5, patience: 3, action: 'Rollback' } as const;

/** The verdicts on one KL after the other. */
function verdictsOn(values: readonly number[], guard: Parameters<typeof watchKl>[2] = settings): string[] {
  let state: GuardState = calmGuard;
  return values.map((kl) => {
    const watched = watchKl(state, kl, guard);
    state = watched.state;
    return watched.verdict;
  });
}

describe('the KL guard', () => {
  it.each([
    ['is content at the limit', [0.1, 0.5], ['within', 'within']],
    ['waits out a step or two above it', [0.6, 0.7, 0.4, 0.6], ['above', 'above', 'within', 'above']],
    ['goes back when it stays above', [0.6, 0.7, 0.8], ['above', 'above', 'roll-back']],
    ['fails the second time', [0.6, 0.7, 0.8, 0.1, 0.6, 0.6, 0.6], ['above', 'above', 'roll-back', 'within', 'above', 'above', 'fail']],
  ])('%s', (_, values, verdicts) => {
    expect(verdictsOn(values)).toEqual(verdicts);
  });

  it('fails at once where it is told to', () => {
    expect(verdictsOn([0.6, 0.7, 0.8], { ...settings, action: 'Fail' }).at(-1)).toBe('fail');
  });

  it('keeps the last twenty values as evidence', () => {
    let state: GuardState = calmGuard;
    for (let step = 0; step < 30; step += 1) ({ state } = watchKl(state, step / 100, settings));
    expect(state.recent).toHaveLength(20);
    expect(state.recent.at(-1)).toBe(0.29);
  });
});
