import { readFileSync } from 'node:fs';
import type { TrainingRunSpec } from '@grm/resources';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { Assumptions } from './assumptions/assumptions.ts';
import { clusterOf, type ClusterOptions } from './cluster/cluster-of.ts';
import { GPUS } from './cluster/devices.ts';
import { sumOfFlops } from './cost/flops.ts';
import { EstimateError } from './estimate-error.ts';
import type { PhaseEstimate } from './estimate-phase.ts';
import { estimateRun, type RunEstimate } from './estimate-run.ts';
import { impliedUtilisation } from './implied-utilisation.ts';
import { totalMemory } from './memory/memory-use.ts';
import type { RunFacts } from './phases/run-facts.ts';
import { readArchitecture, readRun, specified } from './testing/published.ts';

const gemma = readArchitecture('examples/deepseek-grm-27b/base');
const lite = readArchitecture('examples/deepseek-grm-16b/base');
const nano = readArchitecture('models/nano-judge');

const data = [{ name: 'pairs', builtin: 'nanobench' }];
const base = { volume: { path: 'base' } };
const corpus = { volume: { path: 'texts' } };

interface Given extends ClusterOptions {
  readonly facts?: RunFacts;
  readonly assumptions?: Partial<Assumptions>;
}

function estimate(run: ReturnType<typeof readRun>, { facts = { policy: gemma, filter: lite }, assumptions = {}, ...options }: Given = {}): RunEstimate {
  return estimateRun({ run, facts, cluster: clusterOf(run.spec, options), assumptions });
}

const big = (stages: object, given: Given = {}) => estimate(specified({ base, template: 'Published', data, stages }), { device: 'A100-80GB', count: 64, ...given });

function phase({ phases }: RunEstimate, stage: string, work: string): PhaseEstimate {
  const found = phases.find((each) => each.stage === stage && each.work === work);
  if (found === undefined) throw new Error(`no phase ${stage} ${work}`);
  return found;
}

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

describe('a run that does not fit', () => {
  const large = readRun('examples/deepseek-grm-671b/run.yaml');
  const facts = { policy: readArchitecture('examples/deepseek-grm-671b/base') };

  it('is refused with the phase, its largest part, and what would help', () => {
    const { misfits } = estimate(large, { facts, count: 128 });
    expect(misfits).toMatchObject([{ stage: 'rft', work: 'train', usable: 76e9, largest: 'moments' }]);
    const [{ needed, usable, waysToFit } = { needed: 0, usable: 0, waysToFit: {} }] = misfits;
    expect(needed).toBeGreaterThan(usable);
    expect(waysToFit.otherDevices).toContain('H200-141GB');
  });

  it('fits with each of the ways that are named, and not with a little less', () => {
    const [found] = estimate(large, { facts, count: 128 }).misfits;
    const { devices = 0, otherDevices: [other = ''] = [] } = found?.waysToFit ?? {};
    const fits = (given: Given) => estimate(large, { facts, ...given }).misfits.length === 0;
    expect(devices % 8).toBe(0);
    expect([fits({ count: devices }), fits({ count: devices - 8 }), fits({ count: 128, device: other })]).toEqual([true, false, true]);

    const logits = { facts: { policy: gemma }, device: 'L40S-48GB', count: 64, assumptions: { longestRow: 8192 } };
    const rows = big({ rft: { batchSize: 64, steps: 1 } }, { ...logits, memory: 36e9 }).misfits[0]?.waysToFit.longestRow ?? 0;
    const shorter = (longestRow: number) => big({ rft: { batchSize: 64, steps: 1 } }, { ...logits, memory: 36e9, assumptions: { longestRow } }).misfits;
    expect(rows).toBeGreaterThan(2280);
    expect([shorter(rows).length, shorter(rows + 64).length]).toEqual([0, 1]);
  });

  it('on a CPU is told how much memory it takes', () => {
    const run = specified({ base, data, stages: { grpo: {} } });
    const policy = { ...gemma, contextLength: 512 };
    const [found] = estimate(run, { facts: { policy } }).misfits;
    const memory = found?.waysToFit.memory ?? 0;
    expect(memory).toBeGreaterThan(27e9 * 40);
    expect(estimate(run, { facts: { policy }, memory }).misfits).toEqual([]);
    expect(estimate(run, { facts: { policy }, memory: memory * 0.99 }).misfits).not.toEqual([]);
  });
});

describe('on a CPU', () => {
  const card = readFileSync(new URL('../../../models/nano-judge/README.md', import.meta.url), 'utf8');
  const run = readRun('examples/models/nano.yaml');
  const facts = { policy: nano };

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

  it('Muon counts', () => {
    const { flops } = phase(estimate(run, { facts }), 'pretrain', 'train');
    expect(flops.optimizer / (flops.forward + flops.backward)).toBeGreaterThan(0.2);
  });
});

describe('the devices', () => {
  const pool = { gpuProduct: 'NVIDIA-A100-SXM4-80GB', gpusPerNode: 4 };
  const spec = (more: object): TrainingRunSpec => specified({ base, data, stages: { grpo: {} }, ...more }).spec;

  it.each([
    ['threads of the CPU', {}, {}, ['cpu', 2, 2]],
    ['nodes of the pool', { engine: { distributed: { nodes: 16 } }, nodePool: pool }, {}, ['A100-80GB', 64, 4]],
    ['one node of the pool', { nodePool: pool }, {}, ['A100-80GB', 4, 4]],
    ['what is asked for', { nodePool: pool }, { device: 'H200-141GB', count: 24 }, ['H200-141GB', 24, 4]],
    ['a CPU in place of the pool', { nodePool: pool }, { device: 'cpu' }, ['cpu', 2, 2]],
    ['one GPU where nobody says how many', {}, { device: 'L40S-48GB' }, ['L40S-48GB', 1, 8]],
  ] as const)('are %s', (_, more, options, expected) => {
    const { device, count, devicesPerNode } = clusterOf(spec(more), options);
    expect([device.name, count, devicesPerNode]).toEqual(expected);
  });

  test('of an unknown name, or of none, are refused', () => {
    expect(() => clusterOf(spec({}), { device: 'TPU' })).toThrow('no device is called TPU; known are cpu, A100-40GB');
    expect(() => clusterOf(spec({ engine: { distributed: { nodes: 2 } } }))).toThrow('add nodePool');
    expect(() => clusterOf(spec({}), { device: 'A100-80GB', gigaflops: 5 })).toThrow('--gflops is for --device cpu');
  });
});

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

describe('utilisation', () => {
  it('solved from a duration gives that duration again', () => {
    const run = readRun('examples/deepseek-grm-27b/run.yaml');
    const found = estimate(run);
    for (const [stage, hours] of [['rft', 19.2], ['grpo', 15.6]] as const) {
      const { training = 0 } = impliedUtilisation(found, stage, hours * 3600);
      const again = estimate(run, { assumptions: { trainingUtilisation: training } });
      const steps = again.phases.filter((each) => each.stage === stage && each.when === 'steps');
      expect(steps.reduce((sum, { seconds }) => sum + seconds, 0) / 3600).toBeCloseTo(hours, 6);
    }
  });

  it('of training alone is the overall one', () => {
    const { overall, training = 0 } = impliedUtilisation(estimate(readRun('examples/deepseek-grm-27b/run.yaml')), 'rft', 19.2 * 3600);
    expect(overall).toBeCloseTo(training, 9);
  });

  it('cannot be solved where drawing alone takes longer, or the stage is not there', () => {
    const found = estimate(readRun('examples/deepseek-grm-27b/run.yaml'));
    expect(impliedUtilisation(found, 'grpo', 60).training).toBeUndefined();
    expect(() => impliedUtilisation(found, 'pretrain', 60)).toThrow('it has rft, grpo, metaRM, evaluation');
  });
});
