import { createHash } from 'node:crypto';
import { appendFile, readFile, truncate, writeFile } from 'node:fs/promises';
import type { Drawn } from '@grm/judging';
import { z } from 'zod';
import type { AskedRequest } from './requests-of.ts';

const header = z.strictObject({ version: z.literal(1), requests: z.string() });
const line = z.strictObject({
  request: z.int().nonnegative(),
  judgements: z.array(z.array(z.strictObject({ index: z.int(), seed: z.int(), order: z.array(z.int()), text: z.string(), tokens: z.int() }))),
});

/** What of a drawn judgement is kept: the words, and how many tokens they were. */
export interface KeptDrawn {
  readonly judgements: readonly (readonly { readonly index: number; readonly seed: number; readonly order: readonly number[]; readonly text: string; readonly tokens: number }[])[];
}

/** What the requests are, and of which policy: another file's answers are not taken for theirs. */
const fingerprintOf = (requests: readonly AskedRequest[], revision: string): string =>
  createHash('sha256').update(JSON.stringify([revision, requests.map(({ request }) => request)])).digest('hex');

/**
 * The answers of many requests in a JSONL file, a line an answer, so that a run that was killed need not draw them again. A line
 * that was cut off by the kill is dropped, and so is a file of other requests or another policy.
 */
export class DrawnFile {
  readonly #file: string;
  readonly #answers: Map<number, KeptDrawn>;

  private constructor(file: string, answers: Map<number, KeptDrawn>) {
    this.#file = file;
    this.#answers = answers;
  }

  /** @param revision of the policy that draws */
  static async open(file: string, requests: readonly AskedRequest[], revision: string): Promise<DrawnFile> {
    const fingerprint = fingerprintOf(requests, revision);
    const text = await readFile(file, 'utf8').catch(() => '');
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    const [first, ...rest] = whole.split('\n').slice(0, -1);
    const answers = first !== undefined && header.safeParse(parsed(first)).data?.requests === fingerprint ? answersIn(rest) : undefined;
    if (answers === undefined) await writeFile(file, `${JSON.stringify({ version: 1, requests: fingerprint })}\n`);
    else if (whole.length < text.length) await truncate(file, Buffer.byteLength(whole));
    return new DrawnFile(file, answers ?? new Map());
  }

  /** The answer of a request, where there is one. */
  answer(request: number): KeptDrawn | undefined {
    return this.#answers.get(request);
  }

  async add(answers: readonly { readonly request: number; readonly drawn: Drawn }[]): Promise<void> {
    const kept = answers.map(({ request, drawn }) => ({
      request,
      judgements: drawn.judgements.map((judgements) =>
        judgements.map(({ index, seed, order, text, tokens }) => ({ index, seed, order, text, tokens: tokens.length })),
      ),
    }));
    await appendFile(this.#file, kept.map((answer) => `${JSON.stringify(answer)}\n`).join(''));
    for (const { request, judgements } of kept) this.#answers.set(request, { judgements });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Undefined where a line is not one of ours. */
function answersIn(lines: readonly string[]): Map<number, KeptDrawn> | undefined {
  const read = lines.map((text) => line.safeParse(parsed(text)));
  if (read.some(({ success }) => !success)) return undefined;
  return new Map(read.flatMap(({ data }) => (data === undefined ? [] : [[data.request, { judgements: data.judgements }] as const])));
}
