import { openEmbeddedEngine } from '@grm/engine';
import { sampleSeed } from '@grm/spct';
import { drawGroups, LocalRollouts, type Rollouts } from '@grm/trainer';
import { alternate, median } from '../alternate.ts';
import type { BenchContext, Benchmark, BenchResult } from '../benchmark.ts';
import { grpoWorkload } from './grpo-workload.ts';

const SPEC = { template: 'Compact', principles: true, referenceGuided: false } as const;
const SEED = 7;

interface Case {
  readonly name: string;
  readonly items: number;
  /** Workers that share the threads. */
  readonly workers: number;
  readonly target: string;
}

export const grpoRollouts: Benchmark = {
  name: 'grpo.rollouts',
  about: 'drawing as the stage grpo does it, the weights replaced before each step, against one call of an engine for the same prompts',
  run: async (context) => [
    await measure({ name: 'grpo.rollouts', items: 8, workers: 1, target: '>= 0.9' }, context),
    // A step as large as the stage's default, on workers of one thread as is its default too.
    await measure({ name: 'grpo.rollouts.batch', items: 32, workers: context.threads, target: 'report' }, context),
  ],
};

async function measure({ name, items: count, workers, target }: Case, { threads, signal, rounds }: BenchContext): Promise<BenchResult> {
  await using workload = await grpoWorkload(count);
  const { policy, items, prompts, settings } = workload;
  const { config, tensors, tokenizer } = policy;
  await using local = new LocalRollouts({ openEngine: openEmbeddedEngine, workers, threads: Math.floor(threads / workers), signal });
  const model = { config, tensors, tokenizer: tokenizer.json, name: 'policy', revision: 'policy' };
  await using engine = await openEmbeddedEngine({ model, kind: 'generate', threads }, signal);
  const replacing: number[] = [];
  const rollouts: Rollouts = {
    use: async (drawing) => {
      const start = performance.now();
      await local.use(drawing);
      replacing.push(performance.now() - start);
    },
    draw: (requests, options) => local.draw(requests, options),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  let draws = 0;
  const measured = await alternate(
    rounds,
    () =>
      rateOf(async () => {
        const seed = sampleSeed(SEED, draws++);
        const { groups } = await drawGroups(items, { spec: SPEC, stage: settings, policy, tensors, rollouts, seed, signal });
        return groups.flat().map(({ drawn }) => drawn.tokens.length);
      }),
    () =>
      rateOf(async () => {
        const seed = sampleSeed(SEED, draws++);
        const { groupSize, temperature, maxTokens } = settings;
        const asked = prompts.map((text, prompt) => ({ text, samples: Array.from({ length: groupSize }, (_, sample) => ({ seed: sampleSeed(seed, groupSize * prompt + sample) })) }));
        const lengths: number[] = [];
        for await (const { tokens } of engine.generate({ prompts: asked, temperature, maxTokens }, signal)) lengths.push(tokens.length);
        return lengths;
      }),
  );
  const note =
    `${count} prompts x ${settings.groupSize}, ${settings.maxTokens} tokens each, a 5M-parameter model; ${workers} workers with ${Math.floor(threads / workers)} threads, ` +
    `replacing the weights ${median(replacing.slice(1)).toFixed(0)} ms of a step; the single call on one worker with ${threads} threads`;
  return { name, ...measured, unit: 'tokens/s', target, note };
}

/** Tokens a second of drawing completions of these lengths. */
async function rateOf(draw: () => Promise<readonly number[]>): Promise<number> {
  const start = performance.now();
  const lengths = await draw();
  return (lengths.reduce((sum, length) => sum + length, 0) * 1000) / (performance.now() - start);
}
