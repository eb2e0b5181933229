import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runFolder } from '../testing/tiny-run.ts';
import { NoLabelledItemsError } from './no-labelled-items-error.ts';
import { readItems } from './read-items.ts';

const never = new AbortController().signal;

async function fileOf(rows: readonly object[]) {
  const path = join(await runFolder(), 'items.jsonl');
  await writeFile(path, rows.map((row) => JSON.stringify(row)).join('\n'));
  return [{ name: 'pairs', volume: { path } }];
}

describe('items to train on', () => {
  it('come from nanobench, the dev items from its dev split, with references to show', async () => {
    const read = (split: 'train' | 'dev') => readItems([{ name: 'pairs', builtin: 'nanobench' }], { split, count: 40, seed: 3 }, never);
    const [train, dev] = [(await read('train')).items, (await read('dev')).items];
    expect([train.length, dev.length]).toEqual([40, 40]);
    const ids = new Set(train.map(({ id }) => id));
    expect(dev.filter(({ id }) => ids.has(id))).toEqual([]);
    expect(train.every(({ reference, truth }) => reference !== undefined && 'best' in truth)).toBe(true);
  });

  it('may be single responses with a label', async () => {
    const { items } = await readItems([{ name: 'single', builtin: 'nanobench-single' }], { split: 'test', count: 40, seed: 3 }, never);
    expect(new Set(items.map(({ truth }) => ('label' in truth ? truth.label : 'best')))).toEqual(new Set([0, 1]));
  });

  it('come from a file, every tenth kept for dev; those without a label are left out and counted', async () => {
    const data = await fileOf(Array.from({ length: 40 }, (_, id) => ({ id: `${id}`, query: 'q', responses: ['a', 'b'], best: id % 2 === 0 ? 0 : null })));
    const train = await readItems(data, { split: 'train', count: 100, seed: 3 }, never);
    expect([train.items.length, train.unlabelled]).toEqual([20, 16]);
    await expect(readItems(data, { split: 'dev', count: 100, seed: 3 }, never)).rejects.toThrow('none of the 4 items has a label in pairs');
  });

  it.each([
    ['no item at all', [], NoLabelledItemsError, 'there is no item in pairs'],
    ['only unlabelled items', [{ id: 'x', query: 'q', responses: ['a', 'b'], best: null }], NoLabelledItemsError, 'none of the 1 items has a label'],
    ['two best responses', [{ id: 'x', query: 'q', responses: ['a', 'b'], best: [0, 1] }], Error, 'items.jsonl:1: best: must be a whole number'],
    ['one response without a label', [{ id: 'x', query: 'q', responses: ['a'] }], Error, 'items.jsonl:1: label: is needed for an item with one response'],
  ])('%s is an error that says so', async (_, rows, type, message) => {
    const reading = fileOf(rows).then((data) => readItems(data, { split: 'train', count: 10, seed: 1 }, never));
    await expect(reading).rejects.toThrow(type);
    await expect(reading).rejects.toThrow(message);
  });
});
