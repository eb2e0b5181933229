import type { EvaluationSuite } from '@grm/protocol';
import type { ItemJudgements, SuiteJudgements } from '../drawing/item-judgements.ts';
import { digestOf } from '../drawing/suite.ts';

/** Items of a suite that are measured alike: those with several responses by accuracy, single ones by ROC-AUC. */
export interface SuitePart {
  readonly suite: string;
  readonly measure: 'accuracy' | 'rocAuc';
  readonly items: readonly ItemJudgements[];
}

/** In order of id, so that the order in which items were read changes no interval. */
export function partsOf({ suite, items }: SuiteJudgements): SuitePart[] {
  const single = ({ item }: ItemJudgements): boolean => item.responses.length === 1;
  const ordered = items.toSorted((one, other) => (one.item.id < other.item.id ? -1 : 1));
  const parts: SuitePart[] = [
    { suite: suite.name, measure: 'accuracy', items: ordered.filter((item) => !single(item)) },
    { suite: suite.name, measure: 'rocAuc', items: ordered.filter(single) },
  ];
  return parts.filter((part) => part.items.length > 0);
}

export function describePart({ suite, measure, items }: SuitePart): EvaluationSuite {
  const guesses = items.map(({ item }) => 1 / item.responses.length);
  const chance = measure === 'accuracy' ? guesses.reduce((sum, guess) => sum + guess, 0) / guesses.length : 0.5;
  return { name: suite, measure, items: items.length, chance, digest: digestOf(items.map(({ item }) => item)) };
}
