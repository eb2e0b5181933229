import type { JudgeRequest, Message } from '@grm/protocol';
import type { TemplateName } from '@grm/spct';

/** All that is decided about an answer before the first word is written. */
export interface AnswerPlan {
  /** The request's id, as the caller knows it. */
  readonly id: string;
  /** Names this attempt; each round's writing and judging goes by a name made from it on the work queue. */
  readonly runId: string;
  /** Epoch ms. */
  readonly deadline: number;
  readonly conversation: Message[];
  /** Answers that the caller brings, each text once. */
  readonly brought: readonly string[];
  /** Answers to write in each round. */
  readonly candidates: number;
  /** Mean score at which an answer is good enough. */
  readonly threshold: number;
  /** Rounds that may follow the first. */
  readonly rounds: number;
  readonly template: TemplateName;
  readonly writing: { readonly temperature: number; readonly maxTokens: number; readonly seed: number };
  /** What is asked of the judge in each round, besides the responses. */
  readonly judging: Pick<JudgeRequest, 'reference' | 'criteria' | 'sampling' | 'vote'>;
  readonly detail: NonNullable<JudgeRequest['detail']>;
}
