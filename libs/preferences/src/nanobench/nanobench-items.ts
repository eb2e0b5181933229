import { seededRandom, type Random } from '../random/random.ts';
import { nanobenchCategories, type NanobenchCategory } from './kind.ts';
import { kinds } from './kinds/kinds.ts';
import { drawProblem, itemOf, singleResponseItem, type NanobenchItem, type NanobenchSingleItem } from './nanobench-item.ts';
import type { NanobenchSplit } from './split.ts';

export interface NanobenchOptions {
  readonly split: NanobenchSplit;
  /** 32-bit integer. Equal options give equal items, in the same order, however many are taken. */
  readonly seed: number;
  /** How many; without it the sequence never ends. */
  readonly count?: number;
  readonly category?: NanobenchCategory;
  /** Items say what is wanted ("82."), for judges that are shown a reference. The items are the same but for that. */
  readonly references?: boolean;
  /** One response each, right half of the time, with a label instead of a best response. */
  readonly single?: boolean;
}

/** @param number how many items came before */
function drawItem({ split, category, references = false }: NanobenchOptions, number: number, random: Random): NanobenchItem {
  const categories = category === undefined ? nanobenchCategories : [category];
  const wanted = categories[number % categories.length];
  const kind = random.pick(kinds.filter((candidate) => candidate.category === wanted));
  const problem = drawProblem(kind, split, random);
  return { ...itemOf(kind, problem, random), ...(references ? { reference: problem.reference } : {}) };
}

/**
 * Verifiable judging items, the categories by turns, kinds uniformly within a category, 2-4 responses of which one is best.
 * With a `count`, no item comes twice.
 */
export function nanobenchItems(options: NanobenchOptions & { readonly single: true }): Generator<NanobenchSingleItem, void, undefined>;
export function nanobenchItems(options: NanobenchOptions & { readonly single?: false }): Generator<NanobenchItem, void, undefined>;
export function* nanobenchItems(options: NanobenchOptions): Generator<NanobenchItem | NanobenchSingleItem, void, undefined> {
  const { split, seed, count, single = false } = options;
  const random = seededRandom(seed);
  const seen = new Set<string>();
  let index = 0;
  for (let repeats = 0; index < (count ?? Infinity); ) {
    const drawn = drawItem(options, index, random);
    const item = single ? singleResponseItem(drawn, random) : drawn;
    if (count !== undefined && seen.has(item.id)) {
      repeats += 1;
      if (repeats > 1000) throw new RangeError(`nanobench ran out of different ${split} items after ${index} of ${count}`);
      continue;
    }
    repeats = 0;
    if (count !== undefined) seen.add(item.id);
    index += 1;
    yield item;
  }
}
