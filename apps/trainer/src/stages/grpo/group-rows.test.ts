import { describe, expect, it } from 'vitest';
import type { Outcome } from '@grm/spct';
import { groupRows, type Rollout } from './group-rows.ts';

const item = { id: 'a', conversation: [{ role: 'user' as const, content: 'q' }], responses: ['x', 'y'], best: 0, truth: { best: 0 } };
const rollout = (outcome: Outcome, tokens: number[]): Rollout => ({
  item,
  order: [0, 1],
  text: '',
  outcome,
  hinted: false,
  seed: 1,
  drawn: { index: 0, seed: 1, order: [0, 1], text: '', tokens, logprobs: tokens.map(() => -0.5), finishReason: 'stop' },
});
const prompt = () => [7, 8];

describe('the rows of a step', () => {
  const groups = [
    [rollout('right', [1, 2]), rollout('wrong', [3]), rollout('unreadable', [4, 5, 6, 7])],
    [rollout('right', [1]), rollout('right', [2])],
    [rollout('wrong', [1]), rollout('unreadable', [2])],
  ];
  const { rows, live, unanimous, right, unreadable, length } = groupRows(groups, prompt, 100);

  it('leave out groups that are all right or all wrong, and count them', () => {
    expect(rows).toHaveLength(3);
    expect([live, unanimous]).toEqual([1, 2]);
  });

  it('mask the prompt and weigh each token of a judgement by the judgement\'s length', () => {
    expect(rows[0]).toMatchObject({ tokens: [7, 8, 1, 2], weights: [0, 0, 0.5, 0.5], oldLogProbabilities: [0, 0, -0.5, -0.5] });
    expect(rows[2]?.weights).toEqual([0, 0, 0.25, 0.25, 0.25, 0.25]);
  });

  it('reward the right judgement alone: what cannot be read is as wrong as a wrong one', () => {
    expect(rows[0]?.advantage).toBeGreaterThan(0);
    expect(rows[1]?.advantage).toBe(rows[2]?.advantage);
    expect(rows[1]?.advantage).toBeLessThan(0);
  });

  it('say how many judgements were right, could not be read, and how long they are', () => {
    expect([right, unreadable, length]).toEqual([3 / 7, 2 / 7, 11 / 7]);
  });

  it('leave out rows that the model cannot hold', () => {
    expect(groupRows(groups, prompt, 4).rows).toHaveLength(2);
  });
});
