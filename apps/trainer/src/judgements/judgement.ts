import { outcomeOf, type Outcome } from '@grm/spct';
import type { TrainingItem } from '../items/training-item.ts';
import type { AskedItem } from './requests-of.ts';

/** One judgement that a policy wrote, and what became of it. */
export interface Judgement {
  readonly item: TrainingItem;
  /** order[position] = index into the item's responses. */
  readonly order: readonly number[];
  readonly text: string;
  readonly outcome: Outcome;
  /** Drawn with the best response named in the prompt. */
  readonly hinted: boolean;
  readonly seed: number;
}

/** 1 for a right judgement, 0 for any other: what the meta RM learns. */
export const labelOf = ({ outcome }: Pick<Judgement, 'outcome'>): 0 | 1 => (outcome === 'right' ? 1 : 0);

/** What of an answer says what was judged how. */
interface Written {
  readonly order: readonly number[];
  readonly text: string;
  readonly seed: number;
}

/** The judgements of an answered request, with what became of them; grouped as they were asked for. */
export function judgementsOf<Drawn extends Written>(
  asked: readonly AskedItem[],
  drawn: readonly (readonly Drawn[])[],
): (Judgement & { readonly drawn: Drawn })[][] {
  return asked.map(({ item, hinted }, index) =>
    (drawn[index] ?? []).map((judgement) => {
      const { order, text, seed } = judgement;
      return { item, order, text, seed, hinted, outcome: outcomeOf(text, order, item.truth), drawn: judgement };
    }),
  );
}
