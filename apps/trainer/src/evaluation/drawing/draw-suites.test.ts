import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bestOf, scoresFor, scriptedItems, scriptedJudge, type Asked } from '../scripted-judge.fixture.ts';
import { drawSuites, type DrawSuitesOptions } from './draw-suites.ts';
import { planDraws } from './plan-draws.ts';
import { contentOf, digestOf, readSuites, type Suite } from './suite.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'evaluation-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let files = 0;
const newFile = (): string => join(folder, `judgements-${(files += 1)}.jsonl`);
const suite = (items: Suite['items'], name = 'pairs'): Suite => ({ name, items, unlabelled: 0 });
/** Right, and sure of it, two times of three. */
const judge = () => scriptedJudge((asked) => ({ scores: scoresFor(asked, bestOf(asked.query), asked.seed % 3 > 0), words: asked.seed % 3 > 0 ? 'sure' : 'hm' }));
const options = (changes: Partial<DrawSuitesOptions> = {}): DrawSuitesOptions => {
  const engine = judge();
  return {
    judges: { policy: engine, metaRM: engine },
    revisions: ['one', 'two'],
    samples: 8,
    referenceSamples: 4,
    template: 'compact',
    principles: true,
    temperature: 0.5,
    maxTokens: 64,
    seed: 7,
    file: newFile(),
    concurrency: 2,
    signal: new AbortController().signal,
    ...changes,
  };
};
const items = scriptedItems(40, (index) => index < 6);

describe('the draws of an evaluation', () => {
  it('ask for every judgement once, in calls of at most 64', () => {
    const draws = planDraws([suite(items), suite(items.slice(0, 3), 'few')], { samples: 8, referenceSamples: 4 });
    const asked = draws.flatMap((draw) => draw.items.map((item) => `${draw.suite} ${item} ${draw.greedy} ${draw.referenceShown}`));
    expect(new Set(asked).size).toBe(asked.length);
    expect(asked).toHaveLength(2 * 43 + 2 * (6 + 3));
    for (const draw of draws) expect(draw.items.length * draw.samples).toBeLessThanOrEqual(64);
    expect(draws.filter(({ greedy }) => greedy).every(({ samples }) => samples === 1)).toBe(true);
  });

  it('draw an item by itself where its samples alone are more', () => {
    expect(planDraws([suite(items.slice(0, 2))], { samples: 100, referenceSamples: 0 }).map(({ items: of, samples }) => [of, samples])).toEqual([[[0, 1], 1], [[0], 100], [[1], 100]]);
  });
});

describe('the judgements of suites', () => {
  it('are one greedy and k samples of each item, with logits, and again with the reference where there is one', async () => {
    const engine = judge();
    const [drawn] = await drawSuites([suite(items)], options({ judges: { policy: engine, metaRM: engine } }));
    expect(drawn?.items.map(({ item }) => item.id)).toEqual(items.map(({ id }) => id));
    for (const { samples, referenceShown } of drawn?.items ?? []) {
      expect(samples).toHaveLength(8);
      expect([undefined, 4]).toContain(referenceShown?.samples.length);
      for (const { scores, metaLogit } of samples) expect([scores?.[1], metaLogit]).toSatisfy(([score, logit]) => (score === 9) === (logit === 2.5));
    }
    expect(drawn?.items.filter(({ referenceShown }) => referenceShown !== undefined)).toHaveLength(6);
    const count = (which: (asked: Asked) => boolean): number => engine.asked.filter(which).length;
    expect(count(({ temperature, referenceShown }) => temperature === 0 && !referenceShown)).toBe(40);
    expect(count(({ temperature, referenceShown }) => temperature === 0.5 && !referenceShown)).toBe(320);
    expect(count(({ referenceShown }) => referenceShown)).toBe(6 * (1 + 4));
  });

  it('see the responses in many orders, and give scores in the order of the item', async () => {
    const engine = scriptedJudge((asked) => ({ scores: scoresFor(asked, bestOf(asked.query), true) }));
    const [drawn] = await drawSuites([suite(items)], options({ judges: { policy: engine } }));
    expect(new Set(engine.asked.map(({ responses }) => responses.join().replaceAll(/\d/gu, ''))).size).toBe(6);
    for (const { greedy, samples } of drawn?.items ?? []) for (const { scores, metaLogit } of [greedy, ...samples]) expect([scores, metaLogit]).toEqual([[2, 9, 2], undefined]);
  });

  it('of an item are the same whatever else is in its suite', async () => {
    const [all] = await drawSuites([suite(items)], options());
    const [few] = await drawSuites([suite(items.slice(10, 13).toReversed())], options());
    expect(few?.items.toReversed()).toEqual(all?.items.slice(10, 13));
  });

  it('are the same however many are drawn at once', async () => {
    expect(await drawSuites([suite(items)], options({ concurrency: 5 }))).toEqual(await drawSuites([suite(items)], options({ concurrency: 1 })));
  });

  it('that were drawn before a kill are not drawn again, and the end is the same', async () => {
    const whole = await drawSuites([suite(items)], options());
    const file = newFile();
    const stop = new AbortController();
    const reason = new Error('stop');
    const stopped = drawSuites([suite(items)], options({ file, signal: stop.signal, progress: (judgements) => { if (judgements > 150) stop.abort(reason); } }));
    await expect(stopped).rejects.toBe(reason);
    // A kill in the middle of a line.
    await appendFile(file, '{"question":3,"answer":[[{"scores":[1,');
    const kept = (await readFile(file, 'utf8')).split('\n').length - 2;
    expect(kept).toBeGreaterThan(2);

    const engine = judge();
    const seen: number[] = [];
    expect(await drawSuites([suite(items)], options({ file, judges: { policy: engine, metaRM: engine }, progress: (judgements) => seen.push(judgements) }))).toEqual(whole);
    expect(seen[0]).toBeGreaterThan(150);
    expect(engine.asked).toHaveLength(390 - (seen[0] ?? 0));
    expect(seen.at(-1)).toBe(390);

    const again = judge();
    expect(await drawSuites([suite(items)], options({ file, judges: { policy: again, metaRM: again } }))).toEqual(whole);
    expect(again.asked).toEqual([]);
  });

  it.each<[string, Partial<DrawSuitesOptions>, Suite['items']]>([
    ['by another model', { revisions: ['three', 'two'] }, items],
    ['at another temperature', { temperature: 1 }, items],
    ['of other items', {}, scriptedItems(41)],
  ])('%s are drawn anew', async (_, changes, others) => {
    const file = newFile();
    await drawSuites([suite(items)], options({ file }));
    const engine = judge();
    await drawSuites([suite(others)], options({ file, judges: { policy: engine, metaRM: engine }, ...changes }));
    expect(engine.asked.length).toBeGreaterThanOrEqual(360);
  });

  it('are drawn anew where the file is damaged before its last line', async () => {
    const file = newFile();
    await drawSuites([suite(items)], options({ file }));
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace('"scores"', '"score"'));
    const engine = judge();
    await drawSuites([suite(items)], options({ file, judges: { policy: engine, metaRM: engine } }));
    expect(engine.asked).toHaveLength(390);
  });

  it('of an item that is too long cannot be read, and the others of its call can', async () => {
    const long = scriptedItems(3).map((item, index) => (index === 1 ? { ...item, conversation: [{ role: 'user' as const, content: 'long '.repeat(100) }] } : item));
    const engine = scriptedJudge((asked) => ({ scores: scoresFor(asked, bestOf(asked.query), true) }), 300);
    const [drawn] = await drawSuites([suite(long)], options({ judges: { policy: engine, metaRM: engine } }));
    expect(drawn?.items.map(({ greedy, samples }) => [greedy.tokens, samples.filter(({ scores }) => scores !== null).length])).toEqual([[3, 8], [0, 0], [3, 8]]);
  });

  it('end with the first error of an engine', async () => {
    const broken = { ...judge(), score: () => Promise.reject(new Error('no score')) };
    await expect(drawSuites([suite(items)], options({ judges: { policy: judge(), metaRM: broken } }))).rejects.toThrow('no score');
  });
});

describe('suites', () => {
  const never = new AbortController().signal;

  it('are the same for every run, and the first items of a larger suite', async () => {
    const [small] = await readSuites([{ name: 'nano', builtin: 'nanobench' }], { count: 10 }, never);
    const [large] = await readSuites([{ name: 'nano', builtin: 'nanobench' }], { count: 20 }, never);
    expect(small?.items.map(({ id }) => id)).toEqual(large?.items.slice(0, 10).map(({ id }) => id));
    expect(small?.items.every(({ reference }) => reference !== undefined)).toBe(true);
  });

  it('may be single responses, or all of a file without the items that nobody has labelled', async () => {
    const path = join(folder, 'items.jsonl');
    const rows = [{ id: 'a', query: 'q', responses: ['x', 'y'], best: 1 }, { id: 'b', query: 'q', responses: ['x', 'y'], best: null }];
    await writeFile(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    const [single, file] = await readSuites([{ name: 'single', builtin: 'nanobench-single' }, { name: 'file', volume: { path } }], { count: 8 }, never);
    expect(single?.items.map(({ responses }) => responses.length)).toEqual(Array.from({ length: 8 }, () => 1));
    expect(file).toMatchObject({ name: 'file', unlabelled: 1, items: [{ id: 'a', truth: { best: 1 } }] });
  });

  it('have a digest that changes with any text and label', () => {
    const [item] = scriptedItems(1);
    if (item === undefined) throw new Error('no item');
    const changed = [{ ...item, responses: ['bad 0', 'good', 'worse 0'] }, { ...item, truth: { best: 0 } }, { ...item, reference: 'x' }];
    expect(new Set([item, ...changed].map(contentOf)).size).toBe(4);
    expect(digestOf([item])).not.toBe(digestOf([{ ...item, id: 'other' }]));
  });
});
