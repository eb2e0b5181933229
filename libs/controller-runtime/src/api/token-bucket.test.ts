import { expect, test } from 'vitest';
import { TokenBucket } from './token-bucket.ts';

test('a burst is free, and what comes after it waits at the rate', () => {
  let now = 0;
  const bucket = new TokenBucket({ perSecond: 100, burst: 3 }, () => now);
  expect([bucket.take(), bucket.take(), bucket.take(), bucket.take(), bucket.take()]).toEqual([0, 0, 0, 10, 20]);
  now = 20;
  expect(bucket.take()).toBe(10);
});

test('a bucket that was left alone is full, and no fuller than its burst', () => {
  let now = 0;
  const bucket = new TokenBucket({ perSecond: 10, burst: 2 }, () => now);
  for (let taken = 0; taken < 5; taken++) bucket.take();
  now = 3_600_000;
  expect([bucket.take(), bucket.take(), bucket.take()]).toEqual([0, 0, 100]);
});

test('a token that is given back shortens the wait of the next', () => {
  const bucket = new TokenBucket({ perSecond: 10, burst: 1 }, () => 0);
  bucket.take();
  expect(bucket.take()).toBe(100);
  bucket.giveBack();
  expect(bucket.take()).toBe(100);
});
