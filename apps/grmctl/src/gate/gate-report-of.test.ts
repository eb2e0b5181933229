import { describe, expect, it } from 'vitest';
import { comparablePicks, gateReportOf } from './gate-report-of.ts';
import type { GateItem } from './gate-suite.ts';

const item = (right: number): GateItem => ({ conversation: [{ role: 'user', content: 'which?' }], responses: ['a', 'b', 'c'], right });
const items = [item(0), item(1), item(2), item(0)];
const found = { suite: 'nanobench', items, seed: 1, judgedAt: new Date(0) } as const;
const picked = (...picks: number[]) => new Map(picks.entries());

describe('the report of a gate', () => {
  it('has the share judged right with its 95 % interval, and every pick in the order of the items', () => {
    const inAnyOrder = new Map([[3, 0], [0, 0], [2, 1], [1, 1]]);
    const report = gateReportOf({ ...found, picks: inAnyOrder });
    expect(report).toMatchObject({ suite: 'nanobench', items: 4, accuracy: 0.75, picks: [0, 1, 1, 0], seed: 1, judgedAt: '1970-01-01T00:00:00.000Z' });
    // Wilson's interval of 3 in 4.
    expect([report.low, report.high]).toEqual([expect.closeTo(0.3006, 4), expect.closeTo(0.9544, 4)]);
    expect(report.agreement).toBeUndefined();
  });

  it('counts an item without a pick as wrong, and as no agreement, even where the other picked nothing either', () => {
    const report = gateReportOf({ ...found, picks: picked(0, -1, 2, 0), other: { revision: 'rold', picks: [0, -1, 1, 0] } });
    expect(report.accuracy).toBe(0.75);
    expect(report.agreement).toEqual({ with: 'rold', value: 0.5, items: 4 });
  });

  it('is about the items that were judged where not all were, says why, and has no picks to compare with', () => {
    const report = gateReportOf({ ...found, picks: new Map([[2, 2], [0, 1]]), error: 'nobody answers' });
    expect(report).toMatchObject({ items: 2, accuracy: 0.5, picks: [], error: 'nobody answers' });
    expect(gateReportOf({ ...found, picks: new Map(), error: 'nobody answers' })).toMatchObject({ items: 0, accuracy: 0, low: 0, high: 1 });
  });
});

describe('an earlier report', () => {
  const earlier = gateReportOf({ ...found, picks: picked(0, 1, 1, 0) });
  it('is compared with where it is of the same items and seeds', () => {
    expect(comparablePicks(earlier, { ...found, count: 4 })).toEqual([0, 1, 1, 0]);
  });

  it.each([
    ['none', undefined],
    ['another suite', { ...earlier, suite: 'nanobench-single' }],
    ['another seed', { ...earlier, seed: 2 }],
    ['other items', { ...earlier, picks: [0, 1] }],
    ['a failure', { ...earlier, error: 'nobody answers' }],
  ])('is not where it is %s', (_, report) => {
    expect(comparablePicks(report, { ...found, count: 4 })).toBeUndefined();
  });
});
