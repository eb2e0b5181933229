import { describe, expect, test } from 'vitest';
import { labelRange } from '../judgement/score-range.ts';
import { decideStop, type StopQuestion } from './decide-stop.ts';
import { planWaves } from './plan-waves.ts';
import { stoppingModes } from './stopping.ts';

const samples = (count: number, scores: number[]) => Array.from({ length: count }, (_, index) => ({ index, scores }));
const question: StopQuestion = { mode: 'Exact', samples: samples(5, [10, 1]), settled: 5, asked: 8, responses: 2, rule: { kind: 'sum' } };

describe('decideStop', () => {
  test.each<[string, Partial<StopQuestion>, unknown]>([
    ['Exact stops when settled', {}, { stop: true, reason: 'settled' }],
    ['Never goes on', { mode: 'Never' }, { stop: false, reason: 'undecided' }],
    ['all stop when complete', { mode: 'Never', settled: 8 }, { stop: true, reason: 'complete' }],
    ['Exact goes on while an outcome could change the winner', { asked: 10 }, { stop: false, reason: 'undecided' }],
    ['Confident stops when settled', { mode: 'Confident' }, { stop: true, reason: 'settled' }],
    ['Confident stops before that', { mode: 'Confident', samples: samples(8, [9, 2]), settled: 8, asked: 32 }, { stop: true, reason: 'confident' }],
    ['Confident asks more for a smaller error rate', { mode: 'Confident', samples: samples(8, [9, 2]), settled: 8, asked: 32, errorRate: 1e-4 }, { stop: false, reason: 'undecided' }],
    ['no valid sample decides nothing', { mode: 'Confident', samples: [] }, { stop: false, reason: 'undecided' }],
    ['labels move the winner by one point at most', { samples: samples(5, [1, 0]), range: labelRange }, { stop: true, reason: 'settled' }],
  ])('%s', (_, change, decision) => {
    expect(decideStop({ ...question, ...change })).toEqual(decision);
  });

  test('refuses samples from beyond the settled ones', () => {
    expect(() => decideStop({ ...question, settled: 4 })).toThrow('sample 4 is not among the first 4');
  });
});

describe('planWaves', () => {
  test.each([
    [1, 'Exact', [1]],
    [3, 'Confident', [3]],
    [2, 'Exact', [2]],
    [8, 'Never', [8]],
    [8, 'Exact', [5, 2, 1]],
    [32, 'Exact', [17, 4, 4, 4, 3]],
    [8, 'Confident', [4, 2, 2]],
    [32, 'Confident', [6, 3, 3, 3, 3, 3, 3, 3, 3, 2]],
  ] as const)('cuts %i samples under %s into %j', (count, stopping, waves) => {
    expect(planWaves({ samples: count, stopping, rule: { kind: 'sum' } })).toEqual(waves);
  });

  test('lets Confident first see who may be kept under the filter', () => {
    expect(planWaves({ samples: 32, stopping: 'Confident', rule: { kind: 'filter' } })).toEqual([18, 3, 3, 3, 3, 2]);
  });

  test.each(stoppingModes)('draws all at once for a lone response under %s: no lead can settle it', (stopping) => {
    expect(planWaves({ samples: 32, stopping, rule: { kind: 'sum' }, responses: 1 })).toEqual([32]);
  });

  test('never looks before Exact could stop, and can stop at the first look', () => {
    for (const rule of [{ kind: 'sum' }, { kind: 'weight' }, { kind: 'filter' }, { kind: 'filter', keep: 3 }] as const) {
      for (let asked = 3; asked <= 40; asked++) {
        const first = planWaves({ samples: asked, stopping: 'Exact', rule })[0] ?? 0;
        const stops = (settled: number) =>
          decideStop({ mode: 'Exact', samples: samples(settled, [10, 1]).map((sample) => ({ ...sample, metaLogit: 100 })), settled, asked, responses: 2, rule }).reason === 'settled';
        expect([stops(first - 1), stops(first) || first === asked]).toEqual([false, true]);
        expect(planWaves({ samples: asked, stopping: 'Exact', rule }).reduce((sum, size) => sum + size, 0)).toBe(asked);
      }
    }
  });
});
