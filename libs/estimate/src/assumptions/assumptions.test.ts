import { describe, expect, it } from 'vitest';
import { EstimateError } from '../estimate-error.ts';
import { big, phase } from '../testing/estimated.ts';

describe('assumptions', () => {
  it('that contradict the context are refused', () => {
    const grpo = { maxTokens: 1024 };
    expect(() => big({ grpo }, { assumptions: { promptTokens: 8000 } })).toThrow(EstimateError);
    expect(() => big({ grpo }, { assumptions: { promptTokens: 8000 } })).toThrow('context of 8192');
    expect(() => big({ grpo }, { assumptions: { longestRow: 2000 } })).toThrow('rows of grpo have 2280 tokens on average');
    expect(() => big({ grpo }, { assumptions: { longestRow: 10_000 } })).toThrow("more than the model's context");
  });

  it('are listed where they matter, with where they are from', () => {
    const { assumed } = big({ rft: { steps: 5, kept: { volume: { path: 'k' } } } }, { assumptions: { trainingUtilisation: 0.3 } });
    expect(assumed.map(({ option, value, source }) => [option, value, source])).toEqual([
      ['--prompt-tokens', 2000, '750 of template, 1,250 of a pair of Skywork-Reward-Preference-80K'],
      ['--judgement-tokens', 280, 'arXiv 2504.02495, figure 7'],
      ['--longest-row', 4096, 'a guess'],
      ['--padding', 0.05, 'rows of like length together, as the trainer lays them'],
      ['--training-utilisation', 0.3, 'given'],
      ['--usable-memory', 0.95, 'room for fragments'],
    ]);
  });

  it('a judgement is no longer than its stage lets it', () => {
    const run = big({ grpo: { maxTokens: 100, steps: 1, batchSize: 64 } });
    expect(phase(run, 'grpo', 'rollouts').tokens.generated).toBe(6400);
    expect(run.notes).toContain('maxTokens cuts judgements off at 100, under their mean of 280.');
  });
});
