import { describe, expect, it, vi } from 'vitest';
import { NewestWriter } from './newest-writer.ts';

/** A writer whose every write ends when the test says so. */
function slowWriter() {
  const written: number[] = [];
  let end = (): void => undefined;
  const writer = new NewestWriter<number>(
    (value) => {
      written.push(value);
      const { promise, resolve } = Promise.withResolvers<void>();
      end = resolve;
      return promise;
    },
    { pauseMs: 20 },
  );
  return { writer, written, end: () => end() };
}

describe('a writer of the newest value', () => {
  it('writes the first at once and of those that come meanwhile the newest alone', async () => {
    const { writer, written, end } = slowWriter();
    for (const value of [1, 2, 3, 4]) writer.offer(value);
    expect(written).toEqual([1]);
    end();
    await vi.waitFor(() => expect(written).toEqual([1, 4]));
    end();
    await writer[Symbol.asyncDispose]();
    expect(written).toEqual([1, 4]);
  });

  it('rests after each write, also before the last one', async () => {
    const ends: number[] = [];
    const begins: number[] = [];
    const writer = new NewestWriter<number>(
      () => {
        begins.push(performance.now());
        ends.push(performance.now());
        return Promise.resolve();
      },
      { pauseMs: 30 },
    );
    writer.offer(1);
    writer.offer(2);
    await writer[Symbol.asyncDispose]();
    expect((begins[1] ?? 0) - (ends[0] ?? 0)).toBeGreaterThanOrEqual(29);
  });
});
