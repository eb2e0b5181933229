import type { Outcome } from '../reward/outcome-of.ts';

/** Outcomes of one item's judgements, by how they were drawn. */
export interface ItemOutcomes {
  readonly plain: readonly Outcome[];
  /** Drawn with the best response named in the prompt. */
  readonly hinted: readonly Outcome[];
}

/** Why an item's judgements are kept or not; the counts of all items add up. */
export interface Selection {
  /** Indices of those to learn from. */
  readonly plain: readonly number[];
  readonly hinted: readonly number[];
  readonly dropped: { readonly wrong: number; readonly unreadable: number; /** Right ones of an item that is always right. */ readonly unanimous: number };
}

/**
 * Rejection (arXiv 2504.02495, section 3.2): right judgements are kept; all of an item are left out where those drawn without a
 * hint are all right, since it is too easy to teach anything.
 */
export function selectRight({ plain, hinted }: ItemOutcomes, { dropUnanimous }: { readonly dropUnanimous: boolean }): Selection {
  const all = [...plain, ...hinted];
  const count = (wanted: Outcome): number => all.filter((outcome) => outcome === wanted).length;
  const unanimous = dropUnanimous && plain.length > 0 && plain.every((outcome) => outcome === 'right');
  const rightOf = (outcomes: readonly Outcome[]): number[] =>
    unanimous ? [] : outcomes.flatMap((outcome, index) => (outcome === 'right' ? [index] : []));
  return {
    plain: rightOf(plain),
    hinted: rightOf(hinted),
    dropped: { wrong: count('wrong'), unreadable: count('unreadable'), unanimous: unanimous ? count('right') : 0 },
  };
}
