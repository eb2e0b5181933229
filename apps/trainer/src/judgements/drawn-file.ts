import { createHash } from 'node:crypto';
import { appendFile, readFile, truncate, writeFile } from 'node:fs/promises';
import type { Drawn } from '@grm/judging';
import { z } from 'zod';
import type { AskedRequest } from './requests-of.ts';

const header = z.strictObject({ version: z.literal(1), revision: z.string(), requests: z.string() });
const line = z.strictObject({
  request: z.int().nonnegative(),
  judgements: z.array(z.array(z.strictObject({ index: z.int(), seed: z.int(), order: z.array(z.int()), text: z.string(), tokens: z.int() }))),
});

/** What of a drawn judgement is kept: the words, and how many tokens they were. */
export interface KeptDrawn {
  readonly judgements: readonly (readonly { readonly index: number; readonly seed: number; readonly order: readonly number[]; readonly text: string; readonly tokens: number }[])[];
}

/** What the requests are: another file's answers are not taken for theirs. */
const fingerprintOf = (requests: readonly AskedRequest[]): string =>
  createHash('sha256').update(JSON.stringify(requests.map(({ request }) => request))).digest('hex');

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
    const { head, answers, whole, cut } = await contentOf(file);
    const fingerprint = fingerprintOf(requests);
    if (answers === undefined || head?.requests !== fingerprint || head.revision !== revision) {
      await writeFile(file, `${JSON.stringify({ version: 1, revision, requests: fingerprint } satisfies z.infer<typeof header>)}\n`);
      return new DrawnFile(file, new Map());
    }
    if (cut) await truncate(file, whole);
    return new DrawnFile(file, answers);
  }

  /** To look into what a stage before has drawn, by whichever policy it had. Undefined where there is no such file. */
  static async read(file: string, requests: readonly AskedRequest[]): Promise<Pick<DrawnFile, 'answer'> | undefined> {
    const { head, answers } = await contentOf(file);
    return answers === undefined || head?.requests !== fingerprintOf(requests) ? undefined : new DrawnFile(file, answers);
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

/** What is whole in a file: bytes of it, and whether more follows that a kill has cut off. Nothing where it is no file of ours. */
async function contentOf(file: string) {
  const text = await readFile(file, 'utf8').catch(() => '');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  const [first = '', ...rest] = whole.split('\n').slice(0, -1);
  return { head: header.safeParse(parsed(first)).data, answers: answersIn(rest), whole: Buffer.byteLength(whole), cut: whole.length < text.length };
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
