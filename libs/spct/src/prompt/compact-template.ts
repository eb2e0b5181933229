import type { JudgeInput, Message } from '../judge-input.ts';
import type { PromptTemplate, RenderOptions } from './prompt-template.ts';
import { conversationText } from './conversation-text.ts';
import { hintText } from './hint-text.ts';
import { neutraliseText } from './neutralise-text.ts';
import { shownResponses } from './shown-responses.ts';

/**
 * For small judges trained from scratch, which continue raw text: no instructions, every delimiter at the start of a line and short enough to be
 * one piece of a trained tokenizer. It carries no nonce: such a judge knows its delimiters by heart, and a text that
 * held one has been neutralised.
 */
export const compactTemplate: PromptTemplate = {
  name: 'compact',
  stop: ['\n['],

  renderPrompt: (input, order, options) => ({ text: promptText(input, order, options) }),

  renderJudgement({ criteria, analysis, scores }) {
    const written = criteria.map(({ name, weight }) => (weight === undefined ? name : `${name} ${weight}`)).join(', ');
    return ` Criteria: ${written}\nAnalysis: ${analysis}\nScores: \\boxed{${scores.join(', ')}}`;
  },

  renderMeta: (input, order, judgementText, options) => ({ text: promptText(input, order, options) + judgementText }),

  renderAnswer: (conversation, revise) => ({
    text: [
      queryLine(conversation),
      ...(revise === undefined ? [] : [`[Draft] ${neutraliseText(revise.draft)}`, `[Critique] ${neutraliseText(revise.critique)}`]),
      '[Answer]',
    ].join('\n'),
  }),
};

const queryLine = (conversation: readonly Message[]): string => `[Query] ${conversationText(conversation, { bareSingle: true })}`;

function promptText(input: JudgeInput, order: readonly number[], options: RenderOptions = {}): string {
  return [
    queryLine(input.conversation),
    ...shownResponses(input.responses, order).map((response, position) => `[Response ${position + 1}] ${response}`),
    ...(input.reference === undefined ? [] : [`[Reference] ${neutraliseText(input.reference)}`]),
    ...(input.criteria?.length ? [`[Criteria] ${input.criteria.map(neutraliseText).join('; ')}`] : []),
    ...(options.hint === undefined ? [] : [`[Hint] ${hintText(options.hint, order)}`]),
    options.principles === false ? '[Judge]\nAnalysis:' : '[Judge]',
  ].join('\n');
}
