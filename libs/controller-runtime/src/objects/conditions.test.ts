import { expect, test } from 'vitest';
import { conditionsOf, findCondition, isTrue } from './conditions.ts';

const ready = { type: 'Ready', status: 'False', reason: 'Starting', message: 'no pod yet' } as const;
const noon = Date.UTC(2026, 0, 1, 12);

test('a condition is dated when its status changes, and only then', () => {
  const first = conditionsOf([ready], undefined, noon);
  expect(first).toEqual([{ ...ready, lastTransitionTime: '2026-01-01T12:00:00Z' }]);
  const told = conditionsOf([{ ...ready, reason: 'Pulling', observedGeneration: 2 }], first, noon + 60_000);
  expect(told).toEqual([{ ...ready, reason: 'Pulling', observedGeneration: 2, lastTransitionTime: '2026-01-01T12:00:00Z' }]);
  expect(conditionsOf([{ ...ready, status: 'True' }], told, noon + 60_000)[0]?.lastTransitionTime).toBe('2026-01-01T12:01:00Z');
});

test('what does not hold any more is gone, and the order is that of the facts', () => {
  const before = conditionsOf([ready, { ...ready, type: 'Suspended' }], undefined, noon);
  expect(conditionsOf([{ ...ready, type: 'Scheduled' }, ready], before, noon).map(({ type }) => type)).toEqual(['Scheduled', 'Ready']);
});

test('a condition is found by its type, and one that is not there is not true', () => {
  const conditions = conditionsOf([{ ...ready, status: 'True' }], undefined, noon);
  expect(findCondition(conditions, 'Ready')?.reason).toBe('Starting');
  expect([isTrue(conditions, 'Ready'), isTrue(conditions, 'Other'), isTrue(undefined, 'Ready')]).toEqual([true, false, false]);
});
