import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Drawn } from '@grm/judging';
import { describe, expect, it } from 'vitest';
import { runFolder } from '../testing/tiny-run.ts';
import { keptOf, openDrawnFile, readDrawnFile, type KeptDrawn } from './drawn-file.ts';
import type { AskedRequest } from './requests-of.ts';

const requests = (temperature: number): AskedRequest[] =>
  [0, 1, 2].map((index) => ({
    asked: [],
    request: { items: [{ input: { conversation: [], responses: ['a', 'b'] }, samples: [{ index, seed: index }] }], template: 'compact', temperature, maxTokens: 5 },
  }));
const drawn = (text: string): Drawn => ({ judgements: [[{ index: 0, seed: 1, order: [1, 0], text, tokens: [1, 2], logprobs: [-1, -2], finishReason: 'stop' }]], promptTokens: 3 });
const texts = (file: { get(request: number): KeptDrawn | undefined } | undefined) => [0, 1, 2].map((request) => file?.get(request)?.judgements[0]?.[0]?.text);

describe('the file of drawn judgements', () => {
  it('gives back what was added, in whatever order', async () => {
    const path = join(await runFolder(), 'drawn.jsonl');
    const file = await openDrawnFile(path, requests(1), 'r');
    await file.add([2, keptOf(drawn('two\nlines'))], [0, keptOf(drawn('zero'))]);
    expect(texts(file)).toEqual(['zero', undefined, 'two\nlines']);
    expect(texts(await openDrawnFile(path, requests(1), 'r'))).toEqual(['zero', undefined, 'two\nlines']);
  });

  it('drops a line that a kill has cut off, and goes on behind the last whole one', async () => {
    const path = join(await runFolder(), 'drawn.jsonl');
    await (await openDrawnFile(path, requests(1), 'r')).add([0, keptOf(drawn('zero'))]);
    await appendFile(path, '{"question":1,"ans');
    const file = await openDrawnFile(path, requests(1), 'r');
    expect(texts(file)).toEqual(['zero', undefined, undefined]);
    await file.add([1, keptOf(drawn('one'))]);
    expect(texts(await openDrawnFile(path, requests(1), 'r'))).toEqual(['zero', 'one', undefined]);
  });

  it.each([
    ['another policy', requests(1), 'other'],
    ['other requests', requests(0.5), 'r'],
  ] as const)('begins anew for %s', async (_, asked, revision) => {
    const path = join(await runFolder(), 'drawn.jsonl');
    await (await openDrawnFile(path, requests(1), 'r')).add([0, keptOf(drawn('zero'))]);
    expect(texts(await openDrawnFile(path, asked, revision))).toEqual([undefined, undefined, undefined]);
    expect((await readFile(path, 'utf8')).split('\n')).toHaveLength(2);
  });

  it('can be looked into by a later stage, whichever policy it was drawn with, and stays as it is', async () => {
    const path = join(await runFolder(), 'drawn.jsonl');
    await (await openDrawnFile(path, requests(1), 'r')).add([0, keptOf(drawn('zero'))]);
    expect(texts(await readDrawnFile(path, requests(1)))).toEqual(['zero', undefined, undefined]);
    expect(await readDrawnFile(path, requests(0.5))).toBeUndefined();
    expect(texts(await openDrawnFile(path, requests(1), 'r'))).toEqual(['zero', undefined, undefined]);
  });

  it('begins anew where a line is not its own', async () => {
    const path = join(await runFolder(), 'drawn.jsonl');
    await (await openDrawnFile(path, requests(1), 'r')).add([0, keptOf(drawn('zero'))]);
    const [head] = (await readFile(path, 'utf8')).split('\n');
    await writeFile(path, `${head}\n{"question": "x"}\n`);
    expect(texts(await openDrawnFile(path, requests(1), 'r'))).toEqual([undefined, undefined, undefined]);
  });
});
