import { labelOf, type Judgement } from '../../judgements/judgement.ts';

/** Of the items that were judged all right or all wrong, one in this many is kept. */
const unanimousShare = 4;

/**
 * What to learn from: all judgements of items that were judged now right, now wrong, since telling these apart is what
 * a vote needs; and those of a quarter of the other items, so that easy and hopeless ones are known too.
 * Where there are hardly any of the first, all are taken.
 */
export function selectJudgements(judgements: readonly Judgement[]): Judgement[] {
  const groups = [...Map.groupBy(judgements, ({ item }) => item.id).values()];
  const isMixed = (group: readonly Judgement[]): boolean => new Set(group.map(labelOf)).size > 1;
  const mixed = groups.filter(isMixed);
  if (mixed.length < groups.length / 10) return [...judgements];
  const unanimous = groups.filter((group) => !isMixed(group)).filter((_, index) => index % unanimousShare === 0);
  return [...mixed, ...unanimous].flat();
}
