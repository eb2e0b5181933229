import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadCheckpoint } from '@grm/language-model';
import { beforeAll, describe, expect, it } from 'vitest';
import type { StageMetrics } from '../../progress/run-event.ts';
import { judgementFor, scriptedRollouts, type Seen } from '../../testing/scripted-rollouts.ts';
import { tinyBase } from '../../testing/tiny-base.ts';
import { runFolder, tinyRun, trained } from '../../testing/tiny-run.ts';
import { KeptJudgementsError } from './kept-judgements.ts';
import { NothingKeptError } from './nothing-kept-error.ts';

let base: string;
beforeAll(async () => {
  base = await tinyBase();
}, 120_000);

const run = (stage: string) => tinyRun(`base: {volume: {path: ${base}}}\n  stages: {rft: {items: 40, batchSize: 16, ${stage}}}`);
const metricsOf = ({ events }: Awaited<ReturnType<typeof trained>>): StageMetrics =>
  events.flatMap((event) => (event.type === 'stage-finished' ? [event.metrics] : [])).at(-1) ?? {};

/** Knows nothing: picks a response by the seed; obeys a hint. */
const guess = ({ item, order, seed }: Seen): string => judgementFor(item.hint ?? seed % order.length, { order });

describe('the stage rft', () => {
  let folder: string;
  let result: Awaited<ReturnType<typeof trained>>;
  let kept: { hinted: boolean; judgement: string; item: { id: string; best: number }; order: number[] }[];
  const rollouts = scriptedRollouts(guess);

  beforeAll(async () => {
    folder = await runFolder();
    result = await trained(run('epochs: 2, general: {corpus: {builtin: nanobench}, fraction: 0.25}'), folder, { openRollouts: () => Promise.resolve(rollouts) });
    kept = (await readFile(join(folder, 'artifacts', 'kept-judgements', 'kept.jsonl'), 'utf8')).trim().split('\n').map((line) => JSON.parse(line));
  }, 120_000);

  it('draws three judgements of each item and one with the best response named', () => {
    expect(result.outcome).toBe('Complete');
    const items = rollouts.requests.flatMap((request) => request.items);
    const count = (hinted: boolean) => items.filter(({ hint }) => (hint !== undefined) === hinted).flatMap(({ samples }) => samples).length;
    expect([count(false), count(true)]).toEqual([120, 40]);
    expect(new Set(items.flatMap(({ samples }) => samples.map(({ seed }) => seed))).size).toBe(160);
  });

  it('accounts for every judgement', () => {
    const { drawn = 0, kept: count = 0, wrong = 0, unreadable = 0, unanimous = 0 } = metricsOf(result);
    expect(drawn).toBe(160);
    expect(count + wrong + unreadable + unanimous).toBe(160);
    expect(count).toBe(kept.length);
    expect(unanimous).toBeGreaterThan(0);
  });

  it('keeps right judgements alone, none of items that are always judged right', () => {
    for (const { judgement, order, item } of kept) {
      const scores = /boxed\{(.*)\}/u.exec(judgement)?.[1]?.split(', ').map(Number) ?? [];
      expect(scores[order.indexOf(item.best)]).toBe(9);
    }
    const unanimous = Map.groupBy(kept.filter(({ hinted }) => !hinted), ({ item }) => item.id);
    for (const judgements of unanimous.values()) expect(judgements.length).toBeLessThan(3);
  });

  it('mixes in general data at the stated ratio', () => {
    const { kept: count = 0, general = 0 } = metricsOf(result);
    expect(general / (count + general)).toBeCloseTo(0.25, 1);
  });

  it('moves the policy', async () => {
    const [before, after] = [await loadCheckpoint(base), await loadCheckpoint(join(folder, 'artifacts', 'policy'))];
    expect(after.revision).not.toBe(before.revision);
  });

  it('teaches the same from the kept set alone', async () => {
    const own = await runFolder();
    const path = join(folder, 'artifacts', 'kept-judgements', 'kept.jsonl');
    const again = await trained(run(`epochs: 2, kept: {volume: {path: ${path}}}, general: {corpus: {builtin: nanobench}, fraction: 0.25}`), own);
    expect(again.outcome).toBe('Complete');
    const [first, second] = [await loadCheckpoint(join(folder, 'artifacts', 'policy')), await loadCheckpoint(join(own, 'artifacts', 'policy'))];
    expect(second.revision).toBe(first.revision);
  });

  it('does not take a kept judgement that contradicts its own label', async () => {
    const own = await runFolder();
    const path = join(own, 'kept.jsonl');
    const [first] = kept;
    await writeFile(path, `${JSON.stringify({ ...first, judgement: 'Scores: \\boxed{1, 1}' })}\n`);
    const { outcome } = await trained(run(`kept: {volume: {path: ${path}}}`), join(own, 'run'));
    expect(outcome).toBeInstanceOf(KeptJudgementsError);
    expect(outcome).toMatchObject({ message: expect.stringContaining('kept.jsonl:1: its judgement is') });
  });
});

it('learns general data alone where no judgement is drawn', async () => {
  const rollouts = scriptedRollouts(guess);
  const { outcome, events } = await trained(run('samplesPerItem: 0, hintedSamplesPerItem: 0, steps: 2, general: {corpus: {builtin: nanobench}}'), await runFolder(), { openRollouts: () => Promise.resolve(rollouts) });
  expect(outcome).toBe('Complete');
  expect(rollouts.requests).toEqual([]);
  expect(events.flatMap((event) => (event.type === 'stage-finished' ? [event.metrics] : [])).at(-1)).toMatchObject({ drawn: 0, kept: 0, general: 32 });
});

describe('the stage rft without anything to learn', () => {
  it.each([
    ['nothing but wrong judgements', 'hintedSamplesPerItem: 0', ({ order }: Seen) => judgementFor(-1, { order }), '120 were wrong'],
    ['nothing that can be read', 'hintedSamplesPerItem: 0', () => 'no idea', '120 could not be read'],
  ])('fails and says why: %s', async (_, stage, write, reason) => {
    const { outcome, events } = await trained(run(stage), await runFolder(), { openRollouts: () => Promise.resolve(scriptedRollouts(write)) });
    expect(outcome).toBeInstanceOf(NothingKeptError);
    expect(events.at(-1)).toMatchObject({ type: 'run-finished', phase: 'Failed', message: expect.stringContaining(reason) });
  });

  it('fails and says why: items that are all judged right every time', async () => {
    const best = new Map<string, number>();
    // The hinted judgement of an item names its best response; a first pass learns them all.
    const spy = scriptedRollouts(({ item, order }) => {
      if (item.hint !== undefined) best.set(JSON.stringify(item.input), item.hint);
      return judgementFor(0, { order });
    });
    await trained(run('samplesPerItem: 0, steps: 1'), await runFolder(), { openRollouts: () => Promise.resolve(spy) });
    const knowing = scriptedRollouts(({ item, order }) => judgementFor(best.get(JSON.stringify(item.input)) ?? -1, { order }));
    const { outcome } = await trained(run(''), await runFolder(), { openRollouts: () => Promise.resolve(knowing) });
    expect(outcome).toMatchObject({ name: 'NothingKeptError', message: expect.stringContaining('The base knows all these items') });
  });
});
