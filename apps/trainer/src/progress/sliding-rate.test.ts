import { describe, expect, it } from 'vitest';
import { type Mark, slidingRate, type Window, withMark } from './sliding-rate.ts';

const window: Window = { lengthMs: 60_000, leastMarks: 3 };
const marksOf = (...marks: [at: number, total: number][]): readonly Mark[] =>
  marks.reduce<readonly Mark[]>((before, [at, total]) => withMark(before, { at: 1000 * at, total }, window), []);

describe('a sliding rate', () => {
  it.each<[string, [number, number][], number, number | undefined]>([
    ['is not known before the second mark', [[0, 10]], 5, undefined],
    ['counts what was done between the first and the last mark', [[0, 10], [10, 30]], 10, 2],
    ['does not sink while the next mark is awaited', [[0, 10], [10, 30]], 60, 2],
    ['sinks when the work stands still for longer than the window', [[0, 0], [10, 90]], 90, 3],
    ['forgets what is older than the window', [[0, 0], [10, 1000], [70, 1060], [130, 1120], [190, 1180]], 190, 1],
    ['rests on a few marks at least, however old', [[0, 0], [200, 100], [400, 300]], 400, 0.75],
    ['begins anew where the total falls, as after a roll-back', [[0, 0], [10, 100], [20, 40], [30, 50]], 30, 1],
  ])('%s', (_, marks, now, rate) => {
    expect(slidingRate(marksOf(...marks), 1000 * now, window)).toEqual(rate);
  });

  it('keeps few marks of many, and the same rate', () => {
    const marks = marksOf(...Array.from({ length: 10_000 }, (_, index): [number, number] => [index / 50, index]));
    expect(marks.length).toBeLessThan(70);
    expect(slidingRate(marks, 200_000, window)).toBeCloseTo(50, 5);
  });
});
