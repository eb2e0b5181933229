import { expect, it } from 'vitest';
import { stampConditions } from './stamp-conditions.ts';

const [t0, t1] = [new Date('2026-01-01T00:00:00.500Z'), new Date('2026-01-01T00:01:00.500Z')];
const ready = (status: 'True' | 'False', reason = 'R') => ({ type: 'Ready', status, reason, message: reason });

it('the time of a condition changes with its status alone', () => {
  const first = stampConditions([ready('False')], undefined, { now: t0, generation: 1 });
  expect(first).toEqual([{ ...ready('False'), observedGeneration: 1, lastTransitionTime: '2026-01-01T00:00:00Z' }]);
  expect(stampConditions([ready('False', 'Other')], first, { now: t1, generation: 2 })[0]).toMatchObject({ reason: 'Other', observedGeneration: 2, lastTransitionTime: '2026-01-01T00:00:00Z' });
  expect(stampConditions([ready('True')], first, { now: t1, generation: 2 })[0]).toMatchObject({ lastTransitionTime: '2026-01-01T00:01:00Z' });
});

it('a condition that does not apply any more is gone', () => {
  expect(stampConditions([], stampConditions([ready('True')], undefined, { now: t0, generation: 1 }), { now: t1, generation: 1 })).toEqual([]);
});

it('a long message is cut', () => {
  const [condition] = stampConditions([{ ...ready('True'), message: 'x'.repeat(5_000) }], undefined, { now: t0, generation: 1 });
  expect(condition?.message).toHaveLength(1_024);
});
