import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { EmbeddedEngine, openEmbeddedEngine } from '@grm/engine';
import { describeCheckpoint, loadCheckpoint, promptText, saveCheckpoint } from '@grm/language-model';
import { templateByName } from '@grm/spct';
import { beforeAll, describe, expect, it } from 'vitest';
import { runFolder, tinyRun, trained } from '../../testing/tiny-run.ts';
import { nanobenchCorpus } from '../pretrain/nanobench-corpus.ts';
import { newModel } from '../pretrain/starting-model.ts';

const shape = { architecture: 'llama', hiddenSize: 16, layers: 1, heads: 2, intermediateSize: 32, vocabularySize: 1200, contextLength: 256, tiedEmbeddings: false } as const;
const responseCount = (prompt: string): number => prompt.match(/\n?\[Response \d\]/gu)?.length ?? 0;

/** Writes judgements that say what they are worth, and counts what it was asked for. */
function scriptedEngine(scored: string[], asked: { samples: number }): EmbeddedEngine {
  return {
    info: { model: 'scripted', revision: 'none', contextLength: 256 },
    async *generate({ prompts }) {
      for (const [prompt, shown] of prompts.entries()) {
        const responses = responseCount(promptText(shown));
        for (const [sample, { seed }] of shown.samples.entries()) {
          asked.samples += 1;
          await Promise.resolve();
          const scores = Array.from({ length: responses }, (_, index) => (index === seed % responses ? 9 : 2));
          yield { prompt, sample, promptTokens: 1, text: ` Criteria: accuracy 9\nAnalysis: guessed.\nScores: \\boxed{${scores.join(', ')}}`, tokens: [1], logprobs: [0], finishReason: 'stop' as const };
        }
      }
    },
    score: (prompts) => {
      scored.push(...prompts.map(promptText));
      return Promise.resolve(Float32Array.from(prompts, (_, index) => (index % 2 === 0 ? 1 : -1)));
    },
    replaceWeights: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

describe('the stage metaRM', () => {
  let folder: string;
  let result: Awaited<ReturnType<typeof trained>>;
  const scored: string[] = [];
  const asked = { samples: 0 };

  beforeAll(async () => {
    folder = await runFolder();
    const base = join(folder, 'base');
    const { config, tensors, tokenizer } = newModel(shape, nanobenchCorpus(templateByName('compact'), 1), 1);
    await saveCheckpoint(base, { config, tensors, tokenizer: tokenizer.json });
    const run = tinyRun(`base: {volume: {path: ${base}}}\n  stages: {metaRM: {items: 100, samplesPerItem: 3, epochs: 2, batchTokens: 1024}}`);
    const openEngine: typeof openEmbeddedEngine = () => Promise.resolve(scriptedEngine(scored, asked));
    result = await trained(run, folder, { openEngine });
  }, 300_000);

  it('draws every sample of its training and dev items', () => {
    expect(result.outcome).toBe('Complete');
    expect(asked.samples).toBe((100 + 20) * 3);
    expect(scored).toHaveLength(20 * 3);
  });

  it('saves a scalar head on the backbone of the policy that has moved from zero', async () => {
    const { config, tensors } = await loadCheckpoint(join(folder, 'artifacts', 'metaRM'));
    expect(config.head).toBe('scalar');
    expect(tensors.has('lm_head.weight')).toBe(false);
    expect(Math.max(...(tensors.get('score.weight')?.data ?? []).map(Math.abs))).toBeGreaterThan(0);
  });

  it('reports how well it tells right from wrong on items that it has not seen', () => {
    const finished = result.events.find((event) => event.type === 'stage-finished');
    expect(finished).toMatchObject({
      state: 'Complete',
      metrics: { areaUnderCurve: expect.any(Number), withinItemAreaUnderCurve: expect.any(Number), accuracy: expect.any(Number), calibrationError: expect.any(Number) },
    });
  });

  it('leaves the base, as it was, as the policy', async () => {
    const [base, policy] = [join(folder, 'base'), join(folder, 'artifacts', 'policy')];
    const files = (await readdir(base)).toSorted();
    expect((await readdir(policy)).toSorted()).toEqual(files);
    for (const file of files) expect(await readFile(join(policy, file))).toEqual(await readFile(join(base, file)));
    const { revision } = await describeCheckpoint(base);
    expect(result.events).toContainEqual({ type: 'artifact-saved', name: 'policy', uri: pathToFileURL(policy).href, digest: revision });
  });
});
