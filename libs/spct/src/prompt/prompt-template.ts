import type { JudgeInput, Message } from '../judge-input.ts';
import type { JudgementParts } from '../judgement/judgement.ts';

export interface RenderOptions {
  /** Caller's index of the labelled best response; training only (hinted sampling, arXiv 2504.02495, section 3.2). */
  readonly hint?: number | undefined;
  /** One to 32 letters and digits that the delimiters around responses carry. Derive it from the request, so that repeats render alike. */
  readonly nonce?: string | undefined;
  /** False: the judge writes no criteria and begins with its analysis. For measuring what criteria bring (table 4 of the paper). */
  readonly principles?: boolean | undefined;
}

/** What a new answer is to improve on. */
export interface DraftToRevise {
  readonly draft: string;
  /** The judge's own words about the draft. */
  readonly critique: string;
}

/**
 * What is put before a model: raw text that it continues, or messages for the model's own chat template. The judge answers next,
 * unless the last message is the assistant's.
 */
export type Prompt = { readonly text: string } | { readonly messages: readonly Message[] };

/**
 * One way of asking a judge. `order[position]` is the callers' index of the response shown at that position.
 * Every text of the input is neutralised before it is written, so the delimiters in a prompt are the template's own.
 */
export interface PromptTemplate {
  readonly name: TemplateName;
  /** What the judge answers. @throws InvalidOrderError, InvalidNonceError */
  readonly renderPrompt: (input: JudgeInput, order: readonly number[], options?: RenderOptions) => Prompt;
  /** The answer that a judge trained on this template writes; `scores` by position. */
  readonly renderJudgement: (parts: JudgementParts) => string;
  /** What the meta RM reads: the input and the judgement that was written about it. @throws InvalidOrderError */
  readonly renderMeta: (input: JudgeInput, order: readonly number[], judgementText: string, options?: Pick<RenderOptions, 'principles'>) => Prompt;
  /** What a model is given to answer the conversation itself, or to answer it better than a draft did. */
  readonly renderAnswer: (conversation: readonly Message[], revise?: DraftToRevise) => Prompt;
  /** Strings at which the judge is to stop. */
  readonly stop: readonly string[];
}

export const templateNames = ['published', 'compact'] as const;
export type TemplateName = (typeof templateNames)[number];
