import type { Random } from '../random/random.ts';
import type { Problem } from './problem.ts';
import type { HeldOutBuckets } from './split.ts';

export const nanobenchCategories = ['chat', 'chat-hard', 'safety', 'reasoning'] as const;
export type NanobenchCategory = (typeof nanobenchCategories)[number];

/** What a demonstration may judge by: the criterion that matters for the category, or one that is only easy to see. */
export type Criterion = 'accuracy' | 'instruction' | 'safety' | LazyCriterion;
export const lazyCriteria = ['detail', 'brevity', 'politeness', 'helpfulness'] as const;
export type LazyCriterion = (typeof lazyCriteria)[number];

/** A family of problems; a new one is a file in `kinds/` and a line in `kinds/kinds.ts`. */
export interface Kind {
  readonly name: string;
  readonly category: NanobenchCategory;
  /**
   * What the train/dev/test split goes by: `question` keeps a test question wholly unseen,
   * `answers` only this question with these answers (for facts that must be learnt).
   */
  readonly heldOut: 'question' | 'answers';
  /** Set where there are so few questions that the usual share would hold out only two or three of them. */
  readonly heldOutBuckets?: HeldOutBuckets;
  /** How often noisy demonstrations judge by the criterion that matters. */
  readonly carefulness: number;
  /** The lazy criterion that noisy demonstrations of this kind favour. */
  readonly bias?: LazyCriterion;
  /** @param count how many responses are wished for; a kind with fewer different answers may give fewer, at least 2. */
  draw(random: Random, count: number): Problem;
}

/** The criterion that matters in each category. */
export const relevantCriterion: Readonly<Record<NanobenchCategory, Criterion>> = {
  chat: 'accuracy',
  'chat-hard': 'instruction',
  safety: 'safety',
  reasoning: 'accuracy',
};
