import { describe, expect, it } from 'vitest';
import { WorkRate } from './work-rate.ts';

describe('the rate of a worker', () => {
  it('is not known before a task was done, and not measured on one that was given up', () => {
    const rate = new WorkRate();
    const begun = rate.begin(0);
    expect([rate.busy, rate.samplesPerSecond, rate.samplesPerTask]).toEqual([1, undefined, undefined]);
    rate.end(begun, 4);
    expect([rate.busy, rate.samplesPerSecond, rate.samplesPerTask]).toEqual([0, undefined, undefined]);
  });

  it('is that of its tasks, and does not fall while there is nothing to do', () => {
    const rate = new WorkRate();
    for (const start of [10, 500, 9_000]) rate.end(rate.begin(start), start + 2, 8);
    expect(rate.samplesPerSecond).toBeCloseTo(4, 10);
    expect(rate.samplesPerTask).toBe(8);
  });

  it('counts all tasks at once, whichever began first', () => {
    const rate = new WorkRate();
    const begun = [rate.begin(0), rate.begin(0), rate.begin(0), rate.begin(0)];
    for (const task of begun) rate.end(task, 2, 8);
    // 32 samples in 2 s: the first to begin has seen as many beside it as the last.
    expect(rate.samplesPerSecond).toBeCloseTo(16, 10);
  });

  it('follows a change within some ten tasks', () => {
    const rate = new WorkRate();
    rate.end(rate.begin(0), 1, 8);
    for (let task = 0; task < 10; task++) rate.end(rate.begin(task * 10), task * 10 + 4, 8);
    expect(rate.samplesPerSecond).toBeGreaterThan(2);
    expect(rate.samplesPerSecond).toBeLessThan(3);
  });
});
