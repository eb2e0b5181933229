import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { shapeArchitecture } from './architecture/shape-architecture.ts';
import type { RunEstimate } from './estimate-run.ts';
import { totalMemory } from './memory/memory-use.ts';
import { base, data, estimate, gemma, phase } from './testing/estimated.ts';
import { readArchitecture, readRun, specified } from './testing/published.ts';

describe('on a CPU', () => {
  const card = readFileSync(new URL('../../../models/nano-judge/README.md', import.meta.url), 'utf8');
  const run = readRun('examples/models/nano.yaml');
  const facts = { policy: readArchitecture('models/nano-judge') };

  it('the run that trained models/nano-judge takes the minutes that its card states', () => {
    const [, minutes] = /\| minutes \| ([\d.]+) \|/.exec(card) ?? [];
    const { seconds } = phase(estimate(run, { facts }), 'pretrain', 'train');
    expect(seconds / 60 / Number(minutes)).toBeGreaterThan(0.85);
    expect(seconds / 60 / Number(minutes)).toBeLessThan(1.15);
  });

  it('that run takes the steps that its card states', () => {
    const [, steps] = /\| steps \| ([\d,]+) \|/.exec(card) ?? [];
    const { rows } = phase(estimate(run, { facts }), 'pretrain', 'train');
    const perStep = (2048 * 0.95) / 69;
    expect(rows / perStep / Number(steps?.replace(',', ''))).toBeCloseTo(1, 1);
  });

  // Greatest resident size of a process that trained a model of this shape, measured.
  it.each([
    [{ hiddenSize: 512, layers: 8, heads: 8, intermediateSize: 1408, vocabularySize: 1000, contextLength: 64 }, 1.94e9],
    [{ hiddenSize: 512, layers: 8, heads: 8, intermediateSize: 1408, vocabularySize: 1000, contextLength: 512 }, 2.06e9],
    [{ hiddenSize: 640, layers: 12, heads: 10, intermediateSize: 1760, vocabularySize: 8000, contextLength: 64 }, 4.25e9],
    [{ hiddenSize: 640, layers: 12, heads: 10, intermediateSize: 1760, vocabularySize: 8000, contextLength: 1024 }, 5.9e9],
  ])('training takes about the memory that it was seen to take (%j)', (model, bytes) => {
    const policy = shapeArchitecture({ architecture: 'llama', tiedEmbeddings: false, ...model });
    const { memory } = phase(estimate(specified({ base, data, stages: { rft: { steps: 1, maxTokens: 20 } } }), { facts: { policy } }), 'rft', 'train');
    expect(totalMemory(memory) / bytes).toBeGreaterThan(0.95);
    expect(totalMemory(memory) / bytes).toBeLessThan(1.15);
  });

  it('twice the threads halve the time, not the CPU-hours', () => {
    const [one, two] = [estimate(run, { facts, count: 1 }), estimate(run, { facts, count: 2 })];
    const training = (of: RunEstimate) => phase(of, 'pretrain', 'train');
    expect(training(one).seconds / training(two).seconds).toBeCloseTo(2, 9);
    expect(two.total.deviceSeconds / one.total.deviceSeconds).toBeCloseTo(1, 1);
  });

  it('sampler processes draw beside the trainer, each with a copy of the model', () => {
    const spec = (rollouts: object) => specified({ base: { builtin: 'nano-judge' }, data, stages: { grpo: {} }, rollouts, engine: { embedded: { threads: 1 } } });
    const [alone, helped] = [estimate(spec({}), { facts }), estimate(spec({ replicas: 4, threads: 2 }), { facts })];
    expect(phase(helped, 'grpo', 'rollouts')).toMatchObject({ devices: 8, drawing: { copies: 4, devicesPerCopy: 2 } });
    expect(phase(helped, 'grpo', 'rollouts').seconds).toBeLessThan(phase(alone, 'grpo', 'rollouts').seconds / 2);
    expect(phase(helped, 'grpo', 'rollouts').memory.copy).toBe(4 * (phase(alone, 'grpo', 'rollouts').memory.copy ?? 0));
  });

  it('copies of a model share the memory bandwidth', () => {
    const policy = { ...gemma, contextLength: 512 };
    const drawn = (count: number) => {
      const run = specified({ base, data, stages: { grpo: { batchSize: 32, steps: 1 } } });
      return phase(estimate(run, { facts: { policy }, count, gigaflops: 1e6, memory: 1e13 }), 'grpo', 'rollouts').seconds;
    };
    // A quarter of the sequences for each copy, but as many steps, each at a quarter of the bandwidth.
    expect(drawn(4) / drawn(1)).toBeGreaterThan(3);
  });

  it('Muon counts', () => {
    const { flops } = phase(estimate(run, { facts }), 'pretrain', 'train');
    expect(flops.optimizer / (flops.forward + flops.backward)).toBeGreaterThan(0.2);
  });
});
