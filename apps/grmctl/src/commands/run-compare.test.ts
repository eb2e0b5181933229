import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom, type Random } from '@grm/preferences';
import type { EvaluationItem, EvaluationReport } from '@grm/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runGrmctl } from '../testing/run-grmctl.ts';

let folder = '';

interface MadeRun {
  /** Chances of being right by method. */
  readonly methods: Readonly<Record<string, number>>;
  readonly seed: number;
  readonly items?: number;
  readonly firstItem?: number;
  readonly temperature?: number;
  readonly content?: string;
  readonly single?: boolean;
}

/** Of an item how hard it is, so that runs agree on what is hard. */
const hardness = (index: number): number => ((index * 37) % 100) / 100;

function itemOf(index: number, { methods, content = 'same' }: MadeRun, random: Random): EvaluationItem {
  const credits = Object.entries(methods).map(([method, chance]) => [method, 0.5 * hardness(index) + 0.5 * random.unit() < chance ? 1 : 0]);
  return { suite: 'nano', id: `item-${index}`, category: index % 2 === 0 ? 'chat' : 'safety', content, measure: 'accuracy', credits: Object.fromEntries(credits) };
}

function singleOf(index: number, { methods }: MadeRun, random: Random): EvaluationItem {
  const label = index % 2 === 0 ? 1 : 0;
  const scores = Object.entries(methods).map(([method, chance]) => [method, [5 + (random.unit() < chance ? 1 : -1) * (label === 1 ? 2 : -2), 5]]);
  return { suite: 'nano', id: `single-${index}`, content: 'same', measure: 'rocAuc', label, scores: Object.fromEntries(scores) };
}

/** Writes what a run's evaluation leaves. */
async function makeRun(place: string, made: MadeRun): Promise<void> {
  const { seed, items = 120, firstItem = 0, temperature = 0.5, single = false } = made;
  const random = seededRandom(seed);
  const lines = Array.from({ length: items }, (_, index) => itemOf(firstItem + index, made, random));
  const singles = single ? Array.from({ length: 40 }, (_, index) => singleOf(index, made, random)) : [];
  const report: EvaluationReport = {
    version: 1,
    policy: { name: 'policy', revision: 'sha256:0' },
    settings: { template: 'compact', principles: true, temperature, maxTokens: 192, samples: [1, 8], seed: 2026, confidence: 0.95, resamples: 10_000 },
    suites: [
      { name: 'nano', measure: 'accuracy', items, chance: 0.5, digest: '' },
      ...(single ? [{ name: 'nano', measure: 'rocAuc' as const, items: 40, chance: 0.5, digest: '' }] : []),
    ],
    rows: [], curve: [], differences: [], judgements: [], stopping: [],
  };
  await mkdir(place, { recursive: true });
  await writeFile(join(place, 'evaluation.json'), JSON.stringify(report));
  await writeFile(join(place, 'items.jsonl'), [...lines, ...singles].map((line) => `${JSON.stringify(line)}\n`).join(''));
}

const localRun = (name: string): string => join(folder, '.grm', 'runs', 'default', name, 'evaluation');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'grm-compare-'));
  await makeRun(localRun('base'), { methods: { greedy: 0.6, 'vote@8': 0.65 }, seed: 1, single: true });
  await makeRun(localRun('rft'), { methods: { greedy: 0.75, 'vote@8': 0.76 }, seed: 2, single: true });
  await makeRun(localRun('grpo'), { methods: { greedy: 0.9 }, seed: 3 });
  for (const seed of [1, 2, 3]) await makeRun(localRun(`grpo-${seed}`), { methods: { greedy: 0.8 + seed / 50, 'vote@8': 0.9 }, seed: 10 + seed });
  await makeRun(localRun('larger'), { methods: { greedy: 0.6 }, seed: 4, items: 200 });
  await makeRun(localRun('elsewhere'), { methods: { greedy: 0.6 }, seed: 5, firstItem: 1000 });
  await makeRun(localRun('changed'), { methods: { greedy: 0.6 }, seed: 6, content: 'changed' });
  await makeRun(join(folder, 'somewhere', 'base', 'evaluation'), { methods: { greedy: 0.7 }, seed: 7, temperature: 1 });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const compare = (...words: string[]) => runGrmctl(['run', 'compare', ...words], { folder });

describe('grmctl run compare', () => {
  it('sets runs against the first, method by method', async () => {
    const { code, output } = await compare('base', 'rft', 'grpo');
    expect(code).toBe(0);
    expect(output).toMatchInlineSnapshot(`
      "nano: accuracy in %, 95 % intervals, differences from base in points
      METHOD  base               rft                rft - base            grpo                 grpo - base
      greedy  70.8 [62.5, 78.3]  90.8 [85.0, 95.8]  +20.0 [+11.7, +28.3]  100.0 [96.9, 100.0]  +29.2 [+21.7, +37.5]
      vote@8  75.8 [68.3, 83.3]  87.5 [81.7, 93.3]  +11.7 [+3.3, +20.0]   -                    -

      nano: ROC-AUC, 95 % intervals, differences from base
      METHOD  base                  rft                   rft - base               grpo  grpo - base
      greedy  0.425 [0.313, 0.539]  0.706 [0.606, 0.799]  +0.281 [+0.117, +0.434]  -     -
      vote@8  0.725 [0.626, 0.815]  0.650 [0.540, 0.750]  -0.075 [-0.206, +0.060]  -     -

      grpo was not measured on the single responses of suite nano.
      "
    `);
  });

  it('prints Markdown, by category too, of one suite and one method', async () => {
    const { output, errors } = await compare('base', 'rft', '--suite', 'nano', '--method', 'greedy', '--by', 'category', '--markdown');
    expect(errors).toBe('');
    expect(output).toMatchInlineSnapshot(`
      "## nano: accuracy in %, 95 % intervals, differences from base in points

      | METHOD | CATEGORY | base | rft | rft - base |
      | --- | --- | --- | --- | --- |
      | greedy | all | 70.8 [62.5, 78.3] | 90.8 [85.0, 95.8] | **+20.0 [+11.7, +28.3]** |
      | greedy | chat | 73.3 [61.7, 83.3] | 90.0 [81.7, 96.7] | **+16.7 [+5.0, +28.3]** |
      | greedy | safety | 68.3 [56.7, 80.0] | 91.7 [83.3, 98.3] | **+23.3 [+11.7, +36.7]** |

      ## nano: ROC-AUC, 95 % intervals, differences from base

      | METHOD | CATEGORY | base | rft | rft - base |
      | --- | --- | --- | --- | --- |
      | greedy | all | 0.425 [0.313, 0.539] | 0.706 [0.606, 0.799] | **+0.281 [+0.117, +0.434]** |
      "
    `);
  });

  it('takes the mean over runs that differ in their seed, item by item, and says what each has', async () => {
    const { output } = await compare('rft', '--group', 'grpo=grpo-1,grpo-2,grpo-3', '--method', 'greedy');
    expect(output).toMatchInlineSnapshot(`
      "nano: accuracy in %, 95 % intervals, differences from rft in points
      METHOD  rft                grpo                                grpo - rft
      greedy  90.8 [85.0, 95.8]  95.6 [92.8, 97.8] (96.7 95.0 95.0)  +4.7 [+0.3, +10.0]

      nano: ROC-AUC, 95 % intervals, differences from rft
      METHOD  rft                   grpo  grpo - rft
      greedy  0.706 [0.606, 0.799]  -     -

      grpo: mean of grpo-1, grpo-2, grpo-3, each in brackets. The intervals are over items: they do not tell how far other seeds would scatter.
      grpo was not measured on the single responses of suite nano.
      "
    `);
    const { suites, contestants } = JSON.parse((await compare('rft', '--group', 'grpo=grpo-1,grpo-2,grpo-3', '--json')).output);
    expect(contestants).toEqual([{ name: 'rft', runs: ['rft'] }, { name: 'grpo', runs: ['grpo-1', 'grpo-2', 'grpo-3'] }]);
    const [, cell] = suites[0].rows[0].cells;
    expect(cell.value).toBeCloseTo(cell.runs.reduce((sum: number, value: number) => sum + value, 0) / 3, 12);
    expect(cell.difference.paired).toBe(true);
  });

  it('is surer of a difference on the same items than on others', async () => {
    const width = async (...words: string[]): Promise<number> => {
      const { low, high } = JSON.parse((await compare(...words, '--method', 'greedy', '--json')).output).suites[0].rows[0].cells[1].difference;
      return high - low;
    };
    expect(await width('rft', 'grpo')).toBeLessThan(await width('larger', 'grpo'));
  });

  it('says that a difference is unpaired where only some items are shared, and pairs those that are if asked to', async () => {
    const unpaired = await compare('base', 'larger');
    expect(unpaired.output).toMatch(/unpaired\n/u);
    expect(unpaired.output).toContain('larger shares 120 of its 200 items of suite nano with base, which has 120: the difference is unpaired');
    const shared = JSON.parse((await compare('base', 'larger', '--shared', '--json')).output);
    expect(shared.suites[0].rows[0].cells).toMatchObject([{ items: 120 }, { items: 120, difference: { paired: true } }]);
    expect(shared.notes).toContain('Suite nano: on the 120 items that all have.');
  });

  it('refuses runs that were measured on other items, and says which', async () => {
    expect(await compare('base', 'elsewhere')).toMatchObject({ code: 2, errors: expect.stringContaining('base and elsewhere share no item of suite nano: base has item-0 and others, elsewhere has item-1000') });
    expect(await compare('base', 'changed')).toMatchObject({ code: 2, errors: expect.stringContaining('item item-0 of suite nano is not the same in base and changed') });
    expect(await compare('base', '--group', 'two=base,larger')).toMatchObject({ code: 2, errors: expect.stringContaining('two: base and larger were measured on other items of suite nano (item-120)') });
  });

  it('finds a run by its folder or its evaluation.json, tells namesakes apart, and says where settings differ', async () => {
    for (const word of ['somewhere/base', 'somewhere/base/evaluation', 'somewhere/base/evaluation/evaluation.json']) {
      const { code, output } = await compare('base', word, '--method', 'greedy');
      expect(code).toBe(0);
      expect(output).toContain(`${word} - base`);
      expect(output).toContain(`base was measured with temperature 0.5, ${word} with 1.`);
    }
  });

  it('says where a run has not been measured so', async () => {
    expect((await compare('base', 'grpo')).output).toContain('grpo was not measured on the single responses of suite nano.');
    expect((await compare('base', 'grpo', '--method', 'vote@8')).output).toMatch(/vote@8 .* - +-\n/u);
  });

  it.each([
    ['one run alone', ['base'], /name two or more runs/u],
    ['a run that is not there', ['base', 'nobody'], /nobody: no evaluation there; looked for evaluation.json in .*runs/u],
    ['a suite that is not there', ['base', 'rft', '--suite', 'other'], /base has no suite other; it has nano/u],
    ['a method that is not there', ['base', 'rft', '--method', 'vote@99'], /base has no method vote@99 in suite nano; it has greedy, vote@8/u],
    ['two of one name', ['base', '--group', 'base=grpo-1,grpo-2'], /two are called base/u],
    ['a group without runs', ['base', '--group', 'rft'], /must be name=run1,run2/u],
    ['any other split', ['base', 'rft', '--by', 'length'], /must be category/u],
  ])('refuses %s', async (_, words, message) => {
    const { code, errors } = await compare(...words);
    expect([code, errors]).toEqual([2, expect.stringMatching(message)]);
  });

  it('refuses an evaluation of another version, by file and line', async () => {
    const place = localRun('future');
    await makeRun(place, { methods: { greedy: 1 }, seed: 1 });
    await writeFile(join(place, 'items.jsonl'), '{"suite": "nano"}\n');
    expect((await compare('base', 'future')).errors).toMatch(/items\.jsonl:1 is no evaluation that this version reads/u);
  });
});
