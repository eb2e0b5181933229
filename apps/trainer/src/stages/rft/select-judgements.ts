import { selectRight } from '@grm/spct';
import type { Judgement } from '../../judgements/judgement.ts';

/** Judgements by what became of them; they add up to `drawn`. */
export interface RejectionCounts {
  readonly drawn: number;
  readonly kept: number;
  readonly keptHinted: number;
  readonly wrong: number;
  readonly unreadable: number;
  /** Right ones of items that were always judged right. */
  readonly unanimous: number;
  /** Items that were always judged right. */
  readonly unanimousItems: number;
}

/** The judgements to learn from, item by item in the order drawn, and what became of all of them. */
export function selectJudgements(
  judgements: readonly Judgement[],
  options: { readonly dropUnanimous: boolean },
): { readonly kept: readonly Judgement[]; readonly counts: RejectionCounts } {
  const selections = [...Map.groupBy(judgements, ({ item }) => item.id).values()].map((group) => {
    const [plain, hinted] = [group.filter((judgement) => !judgement.hinted), group.filter((judgement) => judgement.hinted)];
    const selection = selectRight({ plain: plain.map(({ outcome }) => outcome), hinted: hinted.map(({ outcome }) => outcome) }, options);
    const kept = [...selection.plain.flatMap((index) => plain[index] ?? []), ...selection.hinted.flatMap((index) => hinted[index] ?? [])];
    return { kept, dropped: selection.dropped };
  });
  const kept = selections.flatMap((selection) => selection.kept);
  const sum = (reason: 'wrong' | 'unreadable' | 'unanimous'): number => selections.reduce((total, { dropped }) => total + dropped[reason], 0);
  return {
    kept,
    counts: {
      drawn: judgements.length,
      kept: kept.length,
      keptHinted: kept.filter(({ hinted }) => hinted).length,
      wrong: sum('wrong'),
      unreadable: sum('unreadable'),
      unanimous: sum('unanimous'),
      unanimousItems: selections.filter(({ dropped }) => dropped.unanimous > 0).length,
    },
  };
}
