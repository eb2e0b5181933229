import { describe, expect, it } from 'vitest';
import { sumOfFlops } from '../cost/flops.ts';
import { big, corpus, estimate, gemma, phase } from '../testing/estimated.ts';
import { readRun } from '../testing/published.ts';

describe('the phases of a run', () => {
  it('are those that its stages have', () => {
    const { phases } = estimate(readRun('examples/deepseek-grm-27b/run.yaml'));
    expect(phases.map(({ stage, work, rows }) => [stage, work, rows])).toEqual([
      ['rft', 'train', 900 * 1024],
      ['grpo', 'filter', 237_000 * 3],
      ['grpo', 'rollouts', 900 * 512],
      ['grpo', 'reference pass', 900 * 512],
      ['grpo', 'train', 900 * 512],
      ['metaRM', 'draw', 237_000 * 3],
      ['metaRM', 'train', Math.ceil((237_000 * 3) / 512) * 512],
      ['evaluation', 'draw', 2985 * 33],
      ['evaluation', 'meta scoring', 2985 * 32],
    ]);
  });

  it('of rft draw with and without the hint, and learn from what is kept and general data', () => {
    const run = big({ rft: { items: 1000, samplesPerItem: 3, hintedSamplesPerItem: 1, batchSize: 100, epochs: 2, general: { corpus, fraction: 0.5 }, maxTokens: 1024 } });
    expect(phase(run, 'rft', 'draw').tokens).toEqual({ prompts: 4000 * 2000, generated: 4000 * 280, scored: 0, trained: 0 });
    // 1,600 kept, as many general ones, twice.
    expect(phase(run, 'rft', 'train')).toMatchObject({ rows: 6400, tokens: { trained: 3200 * 2280 + 3200 * 750 } });
  });

  it('of rft take the judgements of a file in place of new ones', () => {
    const stages = { rft: { kept: { volume: { path: 'kept.jsonl' } }, batchSize: 100, epochs: 1 } };
    expect(() => big(stages)).toThrow('set rft.steps or give --kept-judgements');
    const { phases } = big(stages, { facts: { policy: gemma, keptJudgements: 1000 } });
    expect(phases.map(({ work, rows }) => [work, rows])).toEqual([['train', 1000]]);
  });

  it('of grpo need no reference without a KL term, and learn from a batch as often as innerEpochs says', () => {
    const grpo = { steps: 10, batchSize: 64, maxTokens: 512 };
    const once = big({ grpo });
    const thrice = big({ grpo: { ...grpo, innerEpochs: 3, klCoefficient: 0 } });
    expect(thrice.phases.map(({ work }) => work)).toEqual(['rollouts', 'train']);
    expect(phase(thrice, 'grpo', 'train').rows).toBe(3 * phase(once, 'grpo', 'train').rows);
    expect(phase(thrice, 'grpo', 'train').memory.reference).toBeUndefined();
    // bf16, cut over 64.
    expect(phase(once, 'grpo', 'train').memory.reference).toBeCloseTo((2 * 27_227_128_320) / 64, -2);
  });

  it('of grpo filter with the model that the manifest names', () => {
    const grpo = { items: 1000, filter: { model: { volume: { path: 'lite' } }, samples: 3 }, batchSize: 64 };
    const own = phase(big({ grpo }, { facts: { policy: gemma } }), 'grpo', 'filter');
    const weak = phase(big({ grpo }), 'grpo', 'filter');
    expect(weak.rows).toBe(3000);
    expect(sumOfFlops(weak.flops)).toBeLessThan(sumOfFlops(own.flops) / 8);
  });

  it('of an evaluation draw for the largest vote only, and score with a meta RM that the run trains', () => {
    const evaluation = { suites: [{ name: 'a', builtin: 'nanobench' }, { name: 'b', volume: { path: 'b.jsonl' } }], items: 100, samples: [1, 8, 32], referenceGuided: true };
    expect(big({ evaluation }).phases.map(({ work, rows }) => [work, rows])).toEqual([['draw', 200 * 34]]);
    expect(big({ metaRM: {}, evaluation }).phases.at(-1)).toMatchObject({ work: 'meta scoring', rows: 200 * 32 });
  });
});
