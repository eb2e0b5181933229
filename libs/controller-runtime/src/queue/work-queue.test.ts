import fc from 'fast-check';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RuntimeMetrics } from '../metrics/runtime-metrics.ts';
import { systemClock } from '../time/clock.ts';
import { WorkQueue, type WorkQueueOptions } from './work-queue.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const queueOf = (options: Partial<WorkQueueOptions> = {}): WorkQueue => new WorkQueue({ name: 'test', clock: systemClock, random: () => 0, ...options });

/** Keys that can be taken now, each done before the next is taken. */
async function takeAll(queue: WorkQueue): Promise<string[]> {
  const taken: string[] = [];
  while (queue.depth > 0) {
    const key = await queue.take();
    if (key === undefined) break;
    taken.push(key);
    queue.done(key);
  }
  return taken;
}

test('a key that is added often waits once, in the order of its first coming', async () => {
  const queue = queueOf();
  for (const key of ['a', 'b', 'a', 'c', 'b']) queue.add(key);
  expect(await takeAll(queue)).toEqual(['a', 'b', 'c']);
});

test('a key that is added while it is worked on waits until that is done, and then comes once', async () => {
  const queue = queueOf();
  queue.add('a');
  expect(await queue.take()).toBe('a');
  queue.add('a');
  queue.add('a');
  expect(queue.depth).toBe(0);
  queue.done('a');
  expect(await takeAll(queue)).toEqual(['a']);
});

test('whatever is added, delayed, failed and done, no key is ever worked on twice at once, and none is lost', async () => {
  const step = fc.record({ what: fc.constantFrom('add', 'low', 'after', 'fail', 'done', 'wait'), key: fc.constantFrom('a', 'b', 'c') });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const queue = queueOf();
      const working = new Set<string>();
      let expected = new Set<string>();
      const take = async (): Promise<void> => {
        for (let key = await queue.take(); key !== undefined; key = await queue.take()) {
          expect(working).not.toContain(key);
          working.add(key);
          expected.delete(key);
        }
      };
      const takers = [take(), take()];
      for (const { what, key } of steps) {
        if (what === 'done') working.delete(key);
        else if (what !== 'wait') expected = expected.add(key);
        if (what === 'add') queue.add(key);
        if (what === 'low') queue.add(key, 'low');
        if (what === 'after') queue.addAfter(key, 50);
        if (what === 'fail') queue.addFailed(key);
        if (what === 'done') queue.done(key);
        await vi.advanceTimersByTimeAsync(what === 'wait' ? 100 : 0);
      }
      for (let round = 0; round < 20; round++) {
        for (const key of working) {
          working.delete(key);
          queue.done(key);
        }
        await vi.advanceTimersByTimeAsync(1_000_000);
      }
      expect([...expected]).toEqual([]);
      queue.close();
      await Promise.all(takers);
    }),
    { numRuns: 200, seed: 7 },
  );
});

test('keys of low priority wait behind the others, until they are asked for with more', async () => {
  const queue = queueOf();
  queue.add('old-1', 'low');
  queue.add('old-2', 'low');
  queue.add('new');
  queue.add('old-2');
  queue.add('new', 'low');
  expect(await takeAll(queue)).toEqual(['new', 'old-2', 'old-1']);
});

test('of two delays of a key the earlier counts', async () => {
  const queue = queueOf();
  queue.addAfter('later-first', 60_000);
  queue.addAfter('later-first', 1_000);
  queue.addAfter('earlier-first', 1_000);
  queue.addAfter('earlier-first', 60_000);
  await vi.advanceTimersByTimeAsync(999);
  expect(queue.depth).toBe(0);
  await vi.advanceTimersByTimeAsync(1);
  expect((await takeAll(queue)).toSorted()).toEqual(['earlier-first', 'later-first']);
  await vi.advanceTimersByTimeAsync(120_000);
  expect(queue.depth).toBe(0);
});

test('a delay of more than a timer can hold is kept', async () => {
  const queue = queueOf();
  const month = 31 * 24 * 3600 * 1000;
  queue.addAfter('a', month);
  await vi.advanceTimersByTimeAsync(month - 1);
  expect(queue.depth).toBe(0);
  await vi.advanceTimersByTimeAsync(2);
  expect(queue.depth).toBe(1);
});

test('a key that fails again and again waits twice as long each time, up to the most, and from the beginning once it is forgotten', async () => {
  const queue = queueOf({ backOff: { firstMs: 100, mostMs: 500 } });
  const pauses: number[] = [];
  const fail = async (): Promise<void> => {
    const start = performance.now();
    queue.addFailed('a');
    const taken = queue.take();
    await vi.advanceTimersToNextTimerAsync();
    pauses.push(performance.now() - start);
    queue.done((await taken) ?? '');
  };
  for (let time = 0; time < 5; time++) await fail();
  expect(queue.failuresOf('a')).toBe(5);
  queue.forget('a');
  await fail();
  expect(pauses).toEqual([100, 200, 400, 500, 500, 100]);
});

test('many keys that fail at once come back at the rate of all', async () => {
  const queue = queueOf({ rate: { perSecond: 10, burst: 5 } });
  for (let index = 0; index < 15; index++) queue.addFailed(`key-${index}`);
  await vi.advanceTimersByTimeAsync(50);
  expect(queue.depth).toBe(5);
  await vi.advanceTimersByTimeAsync(500);
  expect(queue.depth).toBe(10);
  await vi.advanceTimersByTimeAsync(500);
  expect(queue.depth).toBe(15);
});

test('closing ends all waits, drops what waits and takes nothing more', async () => {
  const queue = queueOf();
  queue.addAfter('delayed', 1_000);
  const waiting = [queue.take(), queue.take()];
  queue.close();
  expect(await Promise.all(waiting)).toEqual([undefined, undefined]);
  queue.add('a');
  await vi.advanceTimersByTimeAsync(2_000);
  expect(queue.depth).toBe(0);
  expect(await queue.take()).toBeUndefined();
});

test('depth, additions, retries and times are counted', async () => {
  const registry = new Registry();
  const queue = queueOf({ metrics: new RuntimeMetrics(registry) });
  queue.add('a');
  queue.add('a');
  queue.add('b');
  await vi.advanceTimersByTimeAsync(2_000);
  const key = (await queue.take()) ?? '';
  await vi.advanceTimersByTimeAsync(3_000);
  queue.addFailed(key);
  queue.done(key);
  const text = await registry.metrics();
  expect(text).toContain('workqueue_depth{name="test"} 1');
  expect(text).toContain('workqueue_adds_total{name="test"} 2');
  expect(text).toContain('workqueue_retries_total{name="test"} 1');
  expect(text).toContain('workqueue_queue_duration_seconds_sum{name="test"} 2');
  expect(text).toContain('workqueue_work_duration_seconds_sum{name="test"} 3');
});
