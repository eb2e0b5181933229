import type { Message } from '@grm/protocol';
import type { DraftToRevise, TemplateName } from '@grm/spct';
import type { PlannedTask } from '../plan/judgement-plan.ts';

/** One round of writing answers. */
export interface WritingPlan {
  /** The request's id, as the caller knows it. */
  readonly id: string;
  /** Names this round on the work queue and in cancellations. */
  readonly runId: string;
  readonly conversation: Message[];
  /** What the answers are to improve on. */
  readonly revise?: DraftToRevise;
  readonly template: TemplateName;
  readonly temperature: number;
  readonly maxTokens: number;
  /** Epoch ms. */
  readonly deadline: number;
  readonly tasks: readonly PlannedTask[];
  /** Whether work was spent on the request already, so that its tasks wait for room in a full queue. */
  readonly begun: boolean;
}
