import { nanobenchItems, readPreferenceItems, type NanobenchSplit, type PreferenceItem } from '@grm/preferences';
import type { Dataset } from '@grm/resources';
import { NoLabelledItemsError } from './no-labelled-items-error.ts';
import { truthOf, type TrainingItem } from './training-item.ts';

/** Which part of the data: `dev` is never trained on; `test` is a builtin's own test split and all of a file. */
export type ItemSplit = NanobenchSplit;

export interface ItemsRead {
  readonly items: readonly TrainingItem[];
  /** Items that were passed over, since nothing says what a right judgement of them is. */
  readonly unlabelled: number;
}

/** Of a file every tenth item is kept for dev. */
const inSplit = (split: ItemSplit, index: number): boolean => split === 'test' || (split === 'dev') === (index % 10 === 9);

async function* itemsOf(dataset: Dataset, split: ItemSplit, seed: number, count: number, signal: AbortSignal): AsyncGenerator<PreferenceItem> {
  if ('builtin' in dataset) {
    yield* dataset.builtin === 'nanobench-single' ? nanobenchItems({ split, seed, count, references: true, single: true }) : nanobenchItems({ split, seed, count, references: true });
    return;
  }
  let index = 0;
  for await (const item of readPreferenceItems(dataset.volume.path, { signal })) if (inSplit(split, index++)) yield item;
}

/**
 * The first `count` labelled items of a split, shared evenly between the datasets.
 * @param seed unsigned 32-bit, for generated items
 * @throws {NoLabelledItemsError}; PreferenceFileError with file and line for a row that is no item
 */
export async function readItems(
  datasets: readonly Dataset[],
  { split, count, seed }: { readonly split: ItemSplit; readonly count: number; readonly seed: number },
  signal: AbortSignal,
): Promise<ItemsRead> {
  const share = Math.ceil(count / datasets.length);
  const items: TrainingItem[] = [];
  let unlabelled = 0;
  for (const dataset of datasets) {
    let taken = 0;
    for await (const item of itemsOf(dataset, split, seed, share, signal)) {
      const truth = truthOf(item);
      if (truth === undefined) {
        unlabelled += 1;
        continue;
      }
      items.push({ ...item, truth });
      taken += 1;
      if (taken === share) break;
    }
  }
  if (items.length === 0) throw new NoLabelledItemsError(datasets.map(({ name }) => name), unlabelled);
  return { items: items.slice(0, count), unlabelled };
}
