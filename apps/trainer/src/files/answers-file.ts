import { appendFile, readFile, truncate, writeFile } from 'node:fs/promises';
import { z } from 'zod';

const header = z.strictObject({ version: z.literal(1), fingerprint: z.string() });

/**
 * The answers of numbered questions in a JSONL file, a line an answer, so that what was answered before a kill is not asked again. A
 * line that was cut off is dropped, and so is a file of other questions.
 */
export class AnswersFile<Answer> {
  readonly #file: string;
  readonly #answers: Map<number, Answer>;

  private constructor(file: string, answers: Map<number, Answer>) {
    this.#file = file;
    this.#answers = answers;
  }

  /** @param fingerprint of the questions and of who answers: another file's answers are not taken for theirs */
  static async open<Answer>(file: string, fingerprint: string, schema: z.ZodType<Answer>): Promise<AnswersFile<Answer>> {
    const { text, whole } = await contentOf(file);
    const answers = answersIn(whole, (found) => found === fingerprint, schema);
    if (answers === undefined) await writeFile(file, `${JSON.stringify({ version: 1, fingerprint })}\n`);
    else if (whole.length < text.length) await truncate(file, Buffer.byteLength(whole));
    return new AnswersFile(file, answers ?? new Map());
  }

  /**
   * To look into what somebody else has been answered; the file stays as it is.
   * @param ours whether a fingerprint is that of the questions meant
   * @returns undefined where there is no such file
   */
  static async read<Answer>(file: string, ours: (fingerprint: string) => boolean, schema: z.ZodType<Answer>): Promise<Pick<AnswersFile<Answer>, 'get'> | undefined> {
    const { whole } = await contentOf(file);
    const answers = answersIn(whole, ours, schema);
    return answers === undefined ? undefined : new AnswersFile(file, answers);
  }

  get(question: number): Answer | undefined {
    return this.#answers.get(question);
  }

  async add(...answered: readonly (readonly [question: number, answer: Answer])[]): Promise<void> {
    await appendFile(this.#file, answered.map(([question, answer]) => `${JSON.stringify({ question, answer })}\n`).join(''));
    for (const [question, answer] of answered) this.#answers.set(question, answer);
  }
}

/** A file's text, and of it the lines that are whole. */
async function contentOf(file: string): Promise<{ readonly text: string; readonly whole: string }> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  });
  return { text, whole: text.slice(0, text.lastIndexOf('\n') + 1) };
}

/** Undefined where the text is another file's, or no file's of ours. */
function answersIn<Answer>(text: string, ours: (fingerprint: string) => boolean, schema: z.ZodType<Answer>): Map<number, Answer> | undefined {
  const [first, ...rest] = text.split('\n').slice(0, -1).map(parsed);
  const head = header.safeParse(first).data;
  if (head === undefined || !ours(head.fingerprint)) return undefined;
  const line = z.strictObject({ question: z.int().nonnegative(), answer: schema });
  const read = rest.map((value) => line.safeParse(value));
  if (read.some(({ success }) => !success)) return undefined;
  return new Map(read.flatMap(({ data }) => (data === undefined ? [] : [[data.question, data.answer] as const])));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
