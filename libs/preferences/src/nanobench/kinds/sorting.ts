import { sortingKind } from './sorting-kind.ts';

/** Sort three numbers. */
export const sorting = sortingKind({ name: 'sorting', carefulness: 0.4, bias: 'politeness', length: () => 3 });
