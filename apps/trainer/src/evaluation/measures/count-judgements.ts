import type { DrawnJudgements } from '@grm/protocol';
import type { ScoredJudgement, SuiteJudgements } from '../drawing/item-judgements.ts';

/** How many judgements of each kind were drawn, how many can be read, and how long they are. */
export function countJudgements({ suite, items }: SuiteJudgements): DrawnJudgements[] {
  const kinds: readonly (readonly [DrawnJudgements['kind'], readonly ScoredJudgement[]])[] = [
    ['greedy', items.map(({ greedy }) => greedy)],
    ['sampled', items.flatMap(({ samples }) => samples)],
    ['greedy+reference', items.flatMap(({ referenceShown }) => referenceShown?.greedy ?? [])],
    ['sampled+reference', items.flatMap(({ referenceShown }) => referenceShown?.samples ?? [])],
  ];
  return kinds.flatMap(([kind, judgements]) => {
    const count = judgements.length;
    if (count === 0) return [];
    const readable = judgements.filter(({ scores }) => scores !== null).length;
    return [{ suite: suite.name, kind, judgements: count, readable: readable / count, meanTokens: judgements.reduce((sum, { tokens }) => sum + tokens, 0) / count }];
  });
}
