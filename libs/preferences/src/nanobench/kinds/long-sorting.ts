import { sortingKind } from './sorting-kind.ts';

/** Sort four or five numbers. */
export const longSorting = sortingKind({
  name: 'long-sorting',
  carefulness: 0.6,
  bias: 'brevity',
  length: (random) => random.integer(4, 5),
  mostResponses: 3,
});
