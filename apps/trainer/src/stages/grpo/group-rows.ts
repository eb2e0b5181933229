import type { RolloutRow } from '@grm/language-model';
import type { DrawnJudgement } from '@grm/judging';
import { groupAdvantages, rewardOf } from '@grm/spct';
import type { Judgement } from '../../judgements/judgement.ts';

export type Rollout = Judgement & { readonly drawn: DrawnJudgement };

export interface GroupRows {
  readonly rows: readonly RolloutRow[];
  /** Ids of the items that they are about, for errors. */
  readonly names: string;
  /** Groups that were learnt from, and those left out since all their rewards were equal. */
  readonly live: number;
  readonly unanimous: number;
  /** Share of right judgements, and mean tokens of one, over all. */
  readonly right: number;
  readonly length: number;
  /** Share that could not be read. */
  readonly unreadable: number;
}

/**
 * What one step learns from: the judgements of the groups with both rewards, each token of one weighing 1 / its number of tokens
 * (GRPO, eq. 3), each with the advantage in its group.
 * @param promptOf token ids of a judgement's prompt
 * @param longest tokens of a row; longer ones are left out
 */
export function groupRows(groups: readonly (readonly Rollout[])[], promptOf: (rollout: Rollout) => readonly number[], longest: number): GroupRows {
  const all = groups.flat();
  const advantages = groups.map((group) => groupAdvantages(group.map(({ outcome }) => rewardOf(outcome))));
  const rows = groups.flatMap((group, index) =>
    group.flatMap((rollout, place): RolloutRow[] => {
      const advantage = advantages[index]?.[place];
      if (advantage === undefined) return [];
      const { tokens, logprobs } = rollout.drawn;
      const prompt = promptOf(rollout);
      if (prompt.length + tokens.length > longest) return [];
      return [
        {
          tokens: [...prompt, ...tokens],
          weights: [...prompt.map(() => 0), ...tokens.map(() => 1 / tokens.length)],
          advantage,
          oldLogProbabilities: [...prompt.map(() => 0), ...logprobs],
        },
      ];
    }),
  );
  const live = advantages.filter((of) => of !== undefined).length;
  const share = (outcome: Judgement['outcome']): number => all.filter((rollout) => rollout.outcome === outcome).length / all.length;
  return {
    rows,
    names: groups.flatMap(([first], index) => (advantages[index] === undefined ? [] : [first?.item.id ?? ''])).join(', '),
    live,
    unanimous: groups.length - live,
    right: share('right'),
    unreadable: share('unreadable'),
    length: all.reduce((sum, { drawn }) => sum + drawn.tokens.length, 0) / all.length,
  };
}
