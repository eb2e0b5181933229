import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { outcomeOf } from '@grm/spct';
import { z } from 'zod';
import { truthOf } from '../../items/training-item.ts';
import type { Judgement } from '../../judgements/judgement.ts';

/** A judgement that is learnt from, whole: it can be read, filtered and reused without the data that it came from. */
const row = z.strictObject({
  version: z.literal(1),
  item: z.strictObject({
    id: z.string(),
    category: z.string().optional(),
    conversation: z.array(z.strictObject({ role: z.enum(['system', 'user', 'assistant']), content: z.string() })).min(1),
    responses: z.array(z.string()).min(1),
    reference: z.string().optional(),
    best: z.int().nonnegative().nullable(),
    label: z.union([z.literal(0), z.literal(1)]).optional(),
  }),
  /** Whether the best response was named while it was drawn. */
  hinted: z.boolean(),
  /** order[position] = index into responses, as the judge saw them. */
  order: z.array(z.int().nonnegative()),
  judgement: z.string(),
  seed: z.int(),
});

/** A line of a kept set that cannot be used. */
export class KeptJudgementsError extends Error {
  override readonly name = 'KeptJudgementsError';

  constructor(file: string, line: number, problem: string, options?: ErrorOptions) {
    super(`${file}:${line}: ${problem}`, options);
  }
}

const lineOf = ({ item, hinted, order, text, seed }: Judgement): string => {
  const { id, category, conversation, responses, reference, best, label } = item;
  return JSON.stringify({ version: 1, item: { id, category, conversation, responses, reference, best, label }, hinted, order, judgement: text, seed });
};

/** Writes a kept set, a judgement a line. */
export async function writeKeptJudgements(file: string, judgements: readonly Judgement[]): Promise<void> {
  await writeFile(file, judgements.map((judgement) => `${lineOf(judgement)}\n`).join(''));
}

/**
 * A kept set of an earlier run. Every line is held against its own label: a set that somebody has edited cannot teach what is wrong.
 * @throws {KeptJudgementsError} with file and line
 */
export async function readKeptJudgements(file: string, signal: AbortSignal): Promise<Judgement[]> {
  const judgements: Judgement[] = [];
  let number = 0;
  for await (const text of createInterface({ input: createReadStream(file, { signal }), crlfDelay: Infinity })) {
    number += 1;
    if (text.trim() !== '') judgements.push(judgementIn(file, number, text));
  }
  return judgements;
}

function judgementIn(file: string, line: number, text: string): Judgement {
  let read: z.output<typeof row>;
  try {
    read = row.parse(JSON.parse(text));
  } catch (cause) {
    const problem = cause instanceof z.ZodError ? cause.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ') : String(cause);
    throw new KeptJudgementsError(file, line, `is no kept judgement: ${problem}`, { cause });
  }
  const { item: { category, reference, label, ...rest }, hinted, order, judgement, seed } = read;
  const item = { ...rest, ...(category === undefined ? {} : { category }), ...(reference === undefined ? {} : { reference }), ...(label === undefined ? {} : { label }) };
  const truth = truthOf(item);
  if (truth === undefined) throw new KeptJudgementsError(file, line, 'its item has neither best nor label');
  if (order.toSorted((a, b) => a - b).some((index, place) => index !== place) || order.length !== item.responses.length) {
    throw new KeptJudgementsError(file, line, `its order [${order.join(', ')}] is none of ${item.responses.length} responses`);
  }
  const outcome = outcomeOf(judgement, order, truth);
  if (outcome !== 'right') throw new KeptJudgementsError(file, line, `its judgement is ${outcome} by the item's own label; only right ones teach`);
  return { item: { ...item, truth }, hinted, order, text: judgement, seed, outcome };
}
