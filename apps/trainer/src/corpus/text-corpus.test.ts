import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { textOf } from './corpus.ts';
import { CorpusError, readTextCorpus } from './text-corpus.ts';

const folder = await mkdtemp(join(tmpdir(), 'corpus-'));
const file = async (name: string, content: string): Promise<string> => {
  await writeFile(join(folder, name), content);
  return join(folder, name);
};

describe('a corpus of texts', () => {
  it('gives every text of a folder once before any comes again, in an order by the seed', async () => {
    await file('one.txt', 'a plain text\n');
    await file('two.jsonl', '{"text": "first"}\n\n{"text": "second", "source": "x"}\n');
    await file('notes.md', 'not read');
    const corpus = (await readTextCorpus(folder))(7);
    const round = () => Array.from({ length: 3 }, () => textOf(corpus.draw(0))).toSorted();
    expect(round()).toEqual(['a plain text', 'first', 'second']);
    expect(round()).toEqual(['a plain text', 'first', 'second']);
  });

  it('cuts long texts into rows that say all of it, the last one ending it', async () => {
    const text = Array.from({ length: 2000 }, (_, index) => `word${index}`).join(' ');
    const path = await file('long.jsonl', JSON.stringify({ text }));
    const corpus = (await readTextCorpus(path))(1);
    const documents = Array.from({ length: Math.ceil(text.length / 1190) }, () => corpus.draw(0));
    expect(documents.flat().filter(({ ends }) => ends)).toHaveLength(1);
    expect(new Set(documents.map(textOf).join('').match(/word\d+/gu)).size).toBe(2000);
    expect(Math.max(...documents.map((document) => textOf(document).length))).toBeLessThanOrEqual(1200);
  });

  it('that is missing, empty or of another shape is an error that says where', async () => {
    await expect(readTextCorpus(join(folder, 'nowhere'))).rejects.toThrow(CorpusError);
    await expect(readTextCorpus(await file('empty.txt', '\n'))).rejects.toThrow(/empty\.txt: holds no text/u);
    await expect(readTextCorpus(await file('bad.jsonl', '{"text": "x"}\n{"body": "y"}'))).rejects.toThrow(/bad\.jsonl:2: is no JSON object with a text/u);
  });
});
