import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GPUS } from '../cluster/devices.ts';
import type { PhaseEstimate } from '../estimate-phase.ts';
import { base, big, data, estimate, gemma, lite, phase } from '../testing/estimated.ts';
import { readArchitecture, readRun, specified } from '../testing/published.ts';
import { totalMemory } from './memory-use.ts';

describe('memory', () => {
  it('of sharded training is 16 bytes a parameter over all GPUs, and what one row takes', () => {
    const { memory } = phase(big({ rft: { batchSize: 64, steps: 1 } }), 'rft', 'train');
    const { weights = 0, gradients = 0, moments = 0, masterWeights = 0 } = memory;
    expect(weights + gradients + moments + masterWeights).toBeCloseTo((16 * 27_227_128_320) / 64, -2);
    // Two of the embedding table's 1.18G numbers in bf16; 4,096 rows of 256,000 logits in bf16 and twice in fp32.
    expect(memory).toMatchObject({ gathered: 4 * 256_000 * 4608, logits: 10 * 4096 * 256_000 });
  });

  it('of a GPU never grows with more GPUs, but for cache that takes what is free', () => {
    const run = readRun('examples/deepseek-grm-27b/run.yaml');
    const counts = fc.integer({ min: 1, max: 600 });
    const needed = ({ memory }: PhaseEstimate): number => totalMemory({ ...memory, cache: 0 });
    fc.assert(
      fc.property(counts, counts, fc.constantFrom(gemma, lite), fc.constantFrom(...GPUS), (one, other, policy, device) => {
        const phasesOn = (count: number) => estimate(run, { device: device.name, count, facts: { policy } }).phases;
        const [few, many] = [phasesOn(Math.min(one, other)), phasesOn(Math.max(one, other))];
        for (const [index, less] of few.entries()) {
          const more = many[index];
          if (more === undefined) throw new Error('as many phases');
          expect(needed(more)).toBeLessThanOrEqual(needed(less) + 1);
          expect(totalMemory(more.memory)).toBeLessThanOrEqual(Math.max(totalMemory(less.memory), 0.95 * device.memory) + 1);
        }
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it('of the cache is what a round needs, or what is left', () => {
    const grpo = { batchSize: 2048, steps: 1, maxTokens: 512 };
    expect(phase(big({ grpo }), 'grpo', 'rollouts').drawing).toEqual({ copies: 8, devicesPerCopy: 8, sequences: 256 });
    const tight = big({ grpo }, { device: 'A100-40GB' });
    const { memory, drawing } = phase(tight, 'grpo', 'rollouts');
    expect(drawing?.sequences).toBeLessThan(256);
    expect(totalMemory(memory)).toBeLessThanOrEqual(0.95 * 40e9);
    expect(totalMemory(memory)).toBeGreaterThan(0.9 * 40e9);
  });

  it('of a model that is too large for a node is cut over several', () => {
    const run = readRun('examples/deepseek-grm-671b/run.yaml');
    const drawing = { ...run, spec: { ...run.spec, stages: specified({ base, data, stages: { grpo: {} } }).spec.stages } };
    const facts = { policy: readArchitecture('examples/deepseek-grm-671b/base') };
    expect(phase(estimate(drawing, { facts, count: 512 }), 'grpo', 'rollouts').drawing?.devicesPerCopy).toBe(64);
  });
});
