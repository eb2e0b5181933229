import { expect, test } from 'vitest';
import { ManualClock } from '../time/manual-clock.fixture.ts';
import { Expectations } from './expectations.ts';

const key = { namespace: 'n', name: 'owner' };

test('a key is satisfied once all that was written has been seen, and each key by itself', () => {
  const expectations = new Expectations(new ManualClock());
  const other = { namespace: 'n', name: 'other' };
  expectations.expectCreation(key, 'child-1');
  expectations.expectDeletion(key, 'child-0');
  expectations.expectCreation(other, 'child-1');
  expectations.created(key, 'child-1');
  expect(expectations.satisfied(key)).toBe(false);
  expectations.deleted(key, 'child-0');
  expect(expectations.satisfied(key)).toBe(true);
  expect(expectations.satisfied(other)).toBe(false);
});

test('what was not expected, or is seen twice, satisfies nothing else', () => {
  const expectations = new Expectations(new ManualClock());
  expectations.expectCreation(key, 'child-1');
  expectations.expectCreation(key, 'child-2');
  expectations.created(key, 'child-1');
  expectations.created(key, 'child-1');
  expectations.created(key, 'of-somebody-else');
  expectations.deleted(key, 'child-2');
  expect(expectations.satisfied(key)).toBe(false);
});

test('an expectation that is not met in time is given up, and the next starts anew', () => {
  const clock = new ManualClock();
  const expectations = new Expectations(clock, 1_000);
  expectations.expectCreation(key, 'lost');
  clock.stall(999);
  expect(expectations.satisfied(key)).toBe(false);
  clock.stall(1);
  expect(expectations.satisfied(key)).toBe(true);
  expectations.expectCreation(key, 'next');
  expect(expectations.satisfied(key)).toBe(false);
});
