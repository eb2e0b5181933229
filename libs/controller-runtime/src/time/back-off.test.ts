import { expect, test, vi } from 'vitest';
import { backOffMs } from './back-off.ts';
import { after } from '../controller/result.ts';
import { systemClock } from './clock.ts';

test('a pause doubles with each failure up to the most, less at most a quarter', () => {
  const range = { firstMs: 100, mostMs: 1_000 };
  expect([0, 1, 2, 3, 4, 1_000_000].map((failures) => backOffMs(range, failures, () => 0))).toEqual([100, 200, 400, 800, 1_000, 1_000]);
  expect(backOffMs(range, 0, () => 0.999)).toBeCloseTo(75, 0);
});

test('a sleep ends at once when its signal aborts, or had aborted before', async () => {
  const stop = new AbortController();
  const sleeping = systemClock.sleep(2 ** 40, stop.signal);
  stop.abort();
  await expect(sleeping).resolves.toBeUndefined();
  await expect(systemClock.sleep(2 ** 40, stop.signal)).resolves.toBeUndefined();
});

test('a time that is no number is refused where it is made', () => {
  expect(() => after(Number.NaN)).toThrow(RangeError);
});

test('a sleep of more than a timer can hold does not end at once', async () => {
  vi.useFakeTimers();
  const stop = new AbortController();
  let awake = false;
  void systemClock.sleep(2 ** 40, stop.signal).then(() => (awake = true));
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(awake).toBe(false);
  stop.abort();
  vi.useRealTimers();
});
