import { describe, expect, it } from 'vitest';
import { keyMetrics } from './key-metrics.ts';

describe('the key metrics of a stage', () => {
  it.each([
    ['the telling ones, most telling first', 'grpo', { padding: 0.1, kl: 0.02, reward: 0.4, liveGroups: 20 }, [['reward', 0.4], ['kl', 0.02], ['liveGroups', 20]]],
    ['the first few where none of them is there yet', 'rft', { drawnRequests: 4, a: 1, b: 2, c: 3 }, [['drawnRequests', 4], ['a', 1], ['b', 2]]],
    ['the first few of a stage that is not known', 'distil', { loss: 1 }, [['loss', 1]]],
    ['none where nothing was measured', 'grpo', undefined, []],
  ])('are %s', (_, name, metrics, expected) => {
    expect(keyMetrics({ name, ...(metrics === undefined ? {} : { metrics }) })).toEqual(expected);
  });
});
