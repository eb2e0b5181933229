import { readdir, readFile, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { seededRandom } from '@grm/preferences';
import { z } from 'zod';
import type { Corpus, CorpusDocument } from './corpus.ts';

/** Text that cannot be trained on; says where and why. */
export class CorpusError extends Error {
  override readonly name = 'CorpusError';
  readonly path: string;

  constructor(path: string, problem: string, options?: ErrorOptions) {
    super(`${path}: ${problem}`, options);
    this.path = path;
  }
}

const row = z.object({ text: z.string().min(1) });

/** Characters of one row at most: about as many tokens as rows of small models have. Longer texts go on in the next row. */
const longestPiece = 1200;

/** Cuts a text at white space; only its last piece ends it. */
function piecesOf(text: string): CorpusDocument[] {
  const pieces: string[] = [];
  for (let rest = text; rest !== ''; ) {
    const space = rest.length <= longestPiece ? -1 : rest.lastIndexOf(' ', longestPiece);
    const end = space > 0 ? space : Math.min(rest.length, longestPiece);
    pieces.push(rest.slice(0, end));
    rest = rest.slice(end);
  }
  return pieces.map((piece, index) => [{ text: piece, weight: 1, ends: index === pieces.length - 1 }]);
}

function textsOf(file: string, content: string): string[] {
  if (extname(file) === '.txt') return content.trim() === '' ? [] : [content.trim()];
  return content.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return [];
    try {
      return [row.parse(JSON.parse(line)).text];
    } catch (cause) {
      throw new CorpusError(`${file}:${index + 1}`, 'is no JSON object with a text, {"text": "..."}', { cause });
    }
  });
}

async function filesOf(path: string): Promise<string[]> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new CorpusError(path, 'cannot be read', { cause });
  });
  const files = found.isDirectory() ? (await readdir(path)).toSorted().map((name) => join(path, name)) : [path];
  return files.filter((file) => ['.txt', '.jsonl'].includes(extname(file)));
}

/**
 * Texts on disk: `.txt` files, each one text, and `.jsonl` files with `{"text": "..."}` a line; one file, or all of a
 * folder. They are held in memory and gone through in an order by the seed, again and again.
 * @throws {CorpusError} nothing there, or a line of another shape
 */
export async function readTextCorpus(path: string): Promise<(seed: number) => Corpus> {
  const texts: string[] = [];
  for (const file of await filesOf(path)) texts.push(...textsOf(file, await readFile(file, 'utf8')));
  const documents = texts.flatMap(piecesOf);
  if (documents.length === 0) throw new CorpusError(path, 'holds no text in .txt or .jsonl files');
  return (seed) => {
    const random = seededRandom(seed);
    let order: CorpusDocument[] = [];
    return {
      draw: () => {
        if (order.length === 0) order = random.shuffle(documents);
        const next = order.pop();
        if (next === undefined) throw new CorpusError(path, 'holds no text');
        return next;
      },
    };
  };
}
