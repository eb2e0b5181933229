import type { TrainingItem } from '../../items/training-item.ts';
import type { Suite } from './suite.ts';

/** What measuring needs of one judgement. */
export interface ScoredJudgement {
  /** In the callers' order; null where they could not be read. */
  readonly scores: readonly number[] | null;
  /** The meta RM's logit that it is sound, of those that can be read. */
  readonly metaLogit?: number;
  /** Tokens drawn; 0 where the item was too long to be judged. */
  readonly tokens: number;
}

export interface Judgements {
  /** At temperature 0. */
  readonly greedy: ScoredJudgement;
  /** K of them, each with a seed and an order of its own. */
  readonly samples: readonly ScoredJudgement[];
}

/** All judgements drawn of one item. */
export interface ItemJudgements extends Judgements {
  readonly item: TrainingItem;
  /** Drawn with the item's reference shown. */
  readonly referenceShown?: Judgements;
}

export interface SuiteJudgements {
  readonly suite: Suite;
  readonly items: readonly ItemJudgements[];
}
