import type { Suite } from './suite.ts';

/** Judgements drawn with one call of the engine: so many of each of these items of a suite. */
export interface Draw {
  /** Index of the suite. */
  readonly suite: number;
  /** Indices into its items. */
  readonly items: readonly number[];
  readonly greedy: boolean;
  /** Of each item. */
  readonly samples: number;
  readonly referenceShown: boolean;
}

export interface DrawAmounts {
  /** K: samples drawn of each item. */
  readonly samples: number;
  /** Samples drawn of each item that carries a reference, with the reference shown; 0: such items are not judged again. */
  readonly referenceSamples: number;
}

/** Judgements of one call: enough rows to keep a worker busy, few enough for its memory. */
const judgementsPerDraw = 64;

/**
 * All draws of an evaluation, in the order in which they are started. The cut depends on the items alone, so that an evaluation
 * that was stopped goes on with the same requests.
 */
export function planDraws(suites: readonly Suite[], { samples, referenceSamples }: DrawAmounts): Draw[] {
  return suites.flatMap(({ items }, suite) => {
    const all = [...items.keys()];
    const withReference = referenceSamples === 0 ? [] : all.filter((index) => items[index]?.reference !== undefined);
    const drawsOf = (of: readonly number[], kind: Pick<Draw, 'greedy' | 'samples' | 'referenceShown'>): Draw[] =>
      cut(of, Math.max(1, Math.floor(judgementsPerDraw / kind.samples))).map((part) => ({ suite, items: part, ...kind }));
    return [
      ...drawsOf(all, { greedy: true, samples: 1, referenceShown: false }),
      ...drawsOf(all, { greedy: false, samples, referenceShown: false }),
      ...drawsOf(withReference, { greedy: true, samples: 1, referenceShown: true }),
      ...drawsOf(withReference, { greedy: false, samples: referenceSamples, referenceShown: true }),
    ];
  });
}

const cut = (indices: readonly number[], size: number): (readonly number[])[] =>
  Array.from({ length: Math.ceil(indices.length / size) }, (_, part) => indices.slice(part * size, (part + 1) * size));
