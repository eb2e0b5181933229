import { openEmbeddedEngine } from '@grm/engine';
import { sampleSeed } from '@grm/spct';
import { drawGroups, LocalRollouts } from '@grm/trainer';
import { alternate, median } from '../alternate.ts';
import type { Benchmark } from '../benchmark.ts';
import { grpoWorkload } from './grpo-workload.ts';

const SPEC = { template: 'Compact', principles: true, referenceGuided: false } as const;
const SEED = 7;

export const grpoRollouts: Benchmark = {
  name: 'grpo.rollouts',
  about: 'drawing as the stage grpo does it, the weights replaced before each step, against one call of an engine for the same prompts',
  run: async (context) => {
    const { threads, signal } = context;
    await using workload = await grpoWorkload();
    const { policy, items, prompts, settings } = workload;
    const { config, tensors, tokenizer } = policy;
    await using rollouts = new LocalRollouts({ openEngine: openEmbeddedEngine, workers: 1, threads, signal });
    const model = { config, tensors, tokenizer: tokenizer.json, name: 'policy', revision: 'policy' };
    await using engine = await openEmbeddedEngine({ model, kind: 'generate', threads }, signal);
    const replacing: number[] = [];
    let step = 0;
    const timed = {
      use: async (drawing: Parameters<LocalRollouts['use']>[0]): Promise<void> => {
        const start = performance.now();
        await rollouts.use(drawing);
        replacing.push(performance.now() - start);
      },
      draw: rollouts.draw.bind(rollouts),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
    const rate = async (draw: () => Promise<number>): Promise<number> => {
      const start = performance.now();
      const tokens = await draw();
      return (tokens * 1000) / (performance.now() - start);
    };
    const measured = await alternate(
      context.rounds,
      () =>
        rate(async () => {
          const seed = sampleSeed(SEED, step++);
          const { groups } = await drawGroups(items, { spec: SPEC, stage: settings, policy, tensors, rollouts: timed, seed, signal });
          return groups.flat().reduce((sum, { drawn }) => sum + drawn.tokens.length, 0);
        }),
      () =>
        rate(async () => {
          const samples = (prompt: number) => Array.from({ length: settings.groupSize }, (_, sample) => ({ seed: sampleSeed(sampleSeed(SEED, step++), 4 * prompt + sample) }));
          const request = { prompts: prompts.map((text, prompt) => ({ text, samples: samples(prompt) })), temperature: settings.temperature, maxTokens: settings.maxTokens };
          let tokens = 0;
          for await (const completion of engine.generate(request, signal)) tokens += completion.tokens.length;
          return tokens;
        }),
    );
    const note = `${prompts.length} prompts x ${settings.groupSize}, ${settings.maxTokens} tokens each, a 5M-parameter model, one worker with ${threads} threads; replacing the weights ${median(replacing.slice(1)).toFixed(0)} ms`;
    return [{ name: 'grpo.rollouts', ...measured, unit: 'tokens/s', target: '>= 0.9', note }];
  },
};
