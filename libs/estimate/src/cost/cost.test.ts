import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { big, corpus, estimate, gemma, lite, phase } from '../testing/estimated.ts';
import { readRun } from '../testing/published.ts';
import { sumOfFlops } from './flops.ts';

describe('FLOPs', () => {
  it('backward are twice those forward, of training three times six a parameter and token and what attention takes', () => {
    const { tokens, flops, attentionShare } = phase(estimate(readRun('examples/deepseek-grm-27b/run.yaml'), { assumptions: { padding: 0 } }), 'rft', 'train');
    expect(flops.backward).toBe(2 * flops.forward);
    const products = (flops.forward + flops.backward) * (1 - attentionShare);
    expect(products / (6 * 27_227_128_320 * tokens.trained)).toBeCloseTo(1, 3);
    expect(attentionShare).toBeGreaterThan(0.005);
    expect(attentionShare).toBeLessThan(0.03);
  });

  it('grow in a line with the tokens', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 2, max: 9 }), (steps, times) => {
        const flopsOf = (stage: object) => sumOfFlops(big({ grpo: { batchSize: 64, ...stage } }).total.flops);
        expect(flopsOf({ steps: steps * times }) / flopsOf({ steps })).toBeCloseTo(times, 9);
        expect(flopsOf({ steps, batchSize: 64 * times }) / flopsOf({ steps })).toBeCloseTo(times, 9);
      }),
      { seed: 1, numRuns: 50 },
    );
  });

  it('of pretraining grow in a line with its tokens', () => {
    const pretrained = (tokens: number) => big({ pretrain: { corpus, tokens, batchTokens: 524_288 } });
    const [one, ten] = [pretrained(1e9), pretrained(1e10)];
    expect(ten.total.tokens.trained).toBe(1e10);
    expect(ten.total.flops.forward / one.total.flops.forward).toBeCloseTo(10, 9);
  });

  it('and tokens of all stages are those of the phases', () => {
    const { total, stages, phases } = estimate(readRun('examples/deepseek-grm-27b/run.yaml'));
    for (const parts of [stages, phases]) {
      expect(parts.reduce((sum, { flops }) => sum + sumOfFlops(flops), 0) / sumOfFlops(total.flops)).toBeCloseTo(1, 12);
      expect(parts.reduce((sum, { tokens }) => sum + tokens.trained, 0)).toBe(total.tokens.trained);
      expect(parts.reduce((sum, { seconds }) => sum + seconds, 0)).toBeCloseTo(total.seconds, 6);
    }
  });
});

describe('time', () => {
  it('of training is its FLOPs over what the devices reach', () => {
    const { flops, seconds } = phase(big({ rft: { batchSize: 64, steps: 10 } }), 'rft', 'train');
    expect(seconds).toBeCloseTo(sumOfFlops(flops) / (64 * 312e12 * 0.4), 6);
  });

  it('does not shrink with GPUs that get no row, and says so', () => {
    const rft = { batchSize: 64, steps: 10, maxTokens: 1024 };
    const [all, idle] = [big({ rft }), big({ rft }, { count: 128 })];
    expect(phase(idle, 'rft', 'train').seconds).toBe(phase(all, 'rft', 'train').seconds);
    expect(idle.notes).toContain('rft: 64 rows a step keep 128 devices busy for 50 % of the time; each takes whole rows.');
    expect(all.notes).toEqual([]);
  });

  it('never grows with more GPUs', () => {
    const run = readRun('examples/deepseek-grm-27b/run.yaml');
    const counts = fc.integer({ min: 8, max: 600 });
    fc.assert(
      fc.property(counts, counts, (one, other) => {
        const [few = 0, many = 0] = [Math.min(one, other), Math.max(one, other)].map((count) => estimate(run, { device: 'H100-80GB', count, facts: { policy: gemma } }).total.seconds);
        expect(many).toBeLessThanOrEqual(few * (1 + 1e-9));
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it('of drawing is bound by weights while sequences are few', () => {
    const drawn = (batchSize: number) => phase(big({ grpo: { batchSize, steps: 1, maxTokens: 512 } }), 'grpo', 'rollouts').seconds;
    expect(drawn(512) / drawn(64)).toBeLessThan(3);
    // Longest judgement 512 tokens; a copy's 54 GB are read by 8 GPUs in 5.6 ms a step, to which 5 ms come.
    expect(drawn(64)).toBeGreaterThan(512 * (0.005 + 54.45e9 / (8 * 2.039e12 * 0.6)));
  });

  it('of drawing from a mixture reads only the experts that are asked', () => {
    const drawn = (judgements: number) => {
      const stages = { grpo: { batchSize: judgements, groupSize: 2, steps: 1, maxTokens: 512 } };
      return phase(big(stages, { facts: { policy: lite }, count: 8, assumptions: { stepOverhead: 0, promptTokens: 1 } }), 'grpo', 'rollouts').seconds;
    };
    // Two sequences are sent to 12 experts of 64 at most.
    expect(drawn(2)).toBeLessThan(drawn(256) / 2);
  });
});
