import { parseJudgement } from '../judgement/parse-judgement.ts';
import { toCallerOrder } from '../order/to-caller-order.ts';
import { isRight } from './is-right.ts';
import type { Truth } from './truth.ts';

/** What became of one judgement. `unreadable`: no valid scores. */
export type Outcome = 'right' | 'wrong' | 'unreadable';

/** @param order order[position] = index into the item's responses, as the judge saw them */
export function outcomeOf(text: string, order: readonly number[], truth: Truth): Outcome {
  const parsed = parseJudgement(text, order.length);
  if (!parsed.valid) return 'unreadable';
  return isRight(toCallerOrder(parsed.scores, order), truth) ? 'right' : 'wrong';
}

/** +1 for a right judgement, -1 for any other: a tie and one that cannot be read are wrong (arXiv 2504.02495, eq. 11). */
export const rewardOf = (outcome: Outcome): 1 | -1 => (outcome === 'right' ? 1 : -1);
