import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EmbeddedEngine, openEmbeddedEngine } from '@grm/engine';
import { loadCheckpoint, promptText } from '@grm/language-model';
import { beforeAll, describe, expect, it } from 'vitest';
import { judgementFor, scriptedRollouts } from '../../testing/scripted-rollouts.ts';
import { tinyBase } from '../../testing/tiny-base.ts';
import { runFolder, tinyRun, trained } from '../../testing/tiny-run.ts';

/** Scores by turns, and keeps what it was asked about. */
const scriptedScorer = (scored: string[]): EmbeddedEngine => ({
  info: { model: 'scripted', revision: 'none', contextLength: 256 },
  generate: () => {
    throw new Error('scores alone');
  },
  score: (prompts) => {
    scored.push(...prompts.map(promptText));
    return Promise.resolve(Float32Array.from(prompts, (_, index) => (index % 2 === 0 ? 1 : -1)));
  },
  replaceWeights: () => Promise.resolve(),
  [Symbol.asyncDispose]: () => Promise.resolve(),
});

describe('the stage metaRM', () => {
  let folder: string;
  let base: string;
  let result: Awaited<ReturnType<typeof trained>>;
  const scored: string[] = [];
  const rollouts = scriptedRollouts(({ order, seed }) => judgementFor(seed % order.length, { order }));
  const openEngine: typeof openEmbeddedEngine = () => Promise.resolve(scriptedScorer(scored));

  beforeAll(async () => {
    folder = await runFolder();
    base = await tinyBase();
    const run = tinyRun(`base: {volume: {path: ${base}}}\n  stages: {metaRM: {items: 100, samplesPerItem: 3, epochs: 2, batchSize: 16}}`);
    result = await trained(run, folder, { openEngine, openRollouts: () => Promise.resolve(rollouts) });
  }, 120_000);

  it('draws every sample of its training and dev items', () => {
    expect(result.outcome).toBe('Complete');
    const samples = rollouts.requests.flatMap(({ items }) => items.flatMap((item) => item.samples));
    expect(samples).toHaveLength((100 + 20) * 3);
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
      metrics: {
        areaUnderCurve: expect.any(Number),
        withinItemAreaUnderCurve: expect.any(Number),
        accuracy: expect.any(Number),
        calibrationError: expect.any(Number),
        rftJudgements: 0,
      },
    });
  });

  it('leaves the base, as it was, as the policy', async () => {
    const policy = join(folder, 'artifacts', 'policy');
    const files = (await readdir(base)).toSorted();
    expect((await readdir(policy)).toSorted()).toEqual(files);
    for (const file of files) expect(await readFile(join(policy, file))).toEqual(await readFile(join(base, file)));
  });

  it('learns from the judgements of the rft stage too, those without a hint, right and wrong ones', async () => {
    const run = tinyRun(`base: {volume: {path: ${base}}}\n  stages: {rft: {items: 30, batchSize: 16, steps: 1}, metaRM: {items: 50, samplesPerItem: 2, epochs: 1, batchSize: 16}}`);
    const { outcome, events } = await trained(run, await runFolder(), { openEngine, openRollouts: () => Promise.resolve(rollouts) });
    expect(outcome).toBe('Complete');
    const finished = events.findLast((event) => event.type === 'stage-finished');
    expect(finished).toMatchObject({ stage: 'metaRM', metrics: { judgements: 100, rftJudgements: 90 } });
  });
});
