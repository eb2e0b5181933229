import type { JudgeInput, TemplateName } from '@grm/spct';
import type { SeededSample } from './group-by-order.ts';

/** One conversation with its responses, and the judgements wanted of it. */
export interface ItemToJudge {
  readonly input: JudgeInput;
  readonly samples: readonly SeededSample[];
  /** Caller's index of the labelled best response: the prompt names it (hinted sampling). Training only. */
  readonly hint?: number;
}

/** What one call of an engine draws. Equal requests give equal judgements with equal weights and threads, whoever draws them. */
export interface DrawRequest {
  readonly items: readonly ItemToJudge[];
  readonly template: TemplateName;
  /** False: the judge begins with its analysis, without criteria. Default true. */
  readonly principles?: boolean;
  /** 0 for the greedy judgement. */
  readonly temperature: number;
  readonly topP?: number;
  /** Of one judgement. */
  readonly maxTokens: number;
  /** Tokens that a prompt may have; default: what the model's context leaves. */
  readonly maxPromptTokens?: number;
}
