import { creditOf, type ItemResults } from '@grm/preferences';
import type { ItemJudgements } from '../drawing/item-judgements.ts';
import type { Method } from './method.ts';
import type { SuitePart } from './suite-part.ts';
import { verdictsOf } from './verdicts-of.ts';

/** What a single response without a readable judgement scores: the middle of the scale, a guess. */
const middleScore = 5.5;

/** Mean credit of a method's verdicts on an item: ties count 1/#tied, an item without a readable judgement a guess. */
export function meanCredit(method: Method, judged: ItemJudgements): number {
  const { truth, responses } = judged.item;
  if (!('best' in truth)) throw new TypeError(`item ${judged.item.id} has one response, which is not measured by accuracy`);
  const credits = verdictsOf(method, judged).map((scores) => creditOf(scores, truth.best, responses.length).random);
  return credits.reduce((sum, credit) => sum + credit, 0) / credits.length;
}

/** Scores of a single response by each of a method's verdicts. */
export const singleScores = (method: Method, judged: ItemJudgements): number[] => verdictsOf(method, judged).map((scores) => scores?.[0] ?? middleScore);

export function labelOf({ item }: ItemJudgements): 0 | 1 {
  if (!('label' in item.truth)) throw new TypeError(`item ${item.id} has several responses, which are not measured by ROC-AUC`);
  return item.truth.label;
}

/** What a method made of a part's items, one entry an item. */
export function resultsOf(method: Method, { measure, items }: Pick<SuitePart, 'measure' | 'items'>): ItemResults {
  if (measure === 'accuracy') return { measure, credits: items.map((judged) => meanCredit(method, judged)) };
  return { measure, scores: items.map((judged) => singleScores(method, judged)), labels: items.map(labelOf) };
}
