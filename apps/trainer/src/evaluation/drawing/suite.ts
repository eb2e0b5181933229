import { createHash } from 'node:crypto';
import type { Dataset } from '@grm/resources';
import { readItems } from '../../items/read-items.ts';
import type { TrainingItem } from '../../items/training-item.ts';

/** Items that a judge is measured on. */
export interface Suite {
  readonly name: string;
  readonly items: readonly TrainingItem[];
  /** Items that were passed over, since nothing says what a right judgement of them is. */
  readonly unlabelled: number;
}

/**
 * Seed of generated items and of the samples drawn of them. It is no run's own seed: runs that differ in their seed are compared on
 * the same items, shown in the same orders.
 */
export const evaluationSeed = 2026;

/**
 * The first `count` labelled items of each suite: of a builtin those of its test split, of a file all.
 * @throws {NoLabelledItemsError}; PreferenceFileError with file and line for a row that is no item
 */
export async function readSuites(
  datasets: readonly Dataset[],
  { count, seed = evaluationSeed }: { readonly count: number; readonly seed?: number },
  signal: AbortSignal,
): Promise<Suite[]> {
  const suites: Suite[] = [];
  for (const dataset of datasets) suites.push({ name: dataset.name, ...(await readItems([dataset], { split: 'test', count, seed }, signal)) });
  return suites;
}

/** Digest of what is judged and of what is known of it, 16 hexadecimal digits. */
export function contentOf({ conversation, responses, reference, truth }: TrainingItem): string {
  return createHash('sha256').update(JSON.stringify([conversation, responses, reference ?? null, truth])).digest('hex').slice(0, 16);
}

/** Digest of items in their order. */
export function digestOf(items: readonly TrainingItem[]): string {
  return createHash('sha256').update(items.map((item) => `${item.id} ${contentOf(item)}\n`).join('')).digest('hex').slice(0, 16);
}
