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
    const text = await readFile(file, 'utf8').catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
      throw error;
    });
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    const answers = answersIn(whole, fingerprint, schema);
    if (answers === undefined) await writeFile(file, `${JSON.stringify({ version: 1, fingerprint })}\n`);
    else if (whole.length < text.length) await truncate(file, Buffer.byteLength(whole));
    return new AnswersFile(file, answers ?? new Map());
  }

  get(question: number): Answer | undefined {
    return this.#answers.get(question);
  }

  async add(question: number, answer: Answer): Promise<void> {
    await appendFile(this.#file, `${JSON.stringify({ question, answer })}\n`);
    this.#answers.set(question, answer);
  }
}

/** Undefined where the text is another file's, or no file's of ours. */
function answersIn<Answer>(text: string, fingerprint: string, schema: z.ZodType<Answer>): Map<number, Answer> | undefined {
  const [first, ...rest] = text.split('\n').slice(0, -1).map(parsed);
  if (header.safeParse(first).data?.fingerprint !== fingerprint) return undefined;
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
