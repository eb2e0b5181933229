import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { templateByName, type JudgeInput, type Prompt } from '@grm/spct';
import type { DrawRequest } from './draw-request.ts';
import { groupByOrder, type OrderGroup } from './group-by-order.ts';

export interface RenderedPrompt extends OrderGroup {
  /** Index of the request's item. */
  readonly item: number;
  readonly prompt: Prompt;
}

/**
 * The prompts of a request: for each item one for each order of its responses. The event loop has a turn between two of
 * them, since long responses take some milliseconds each time.
 */
export async function renderPrompts({ items, template, principles }: DrawRequest): Promise<RenderedPrompt[]> {
  const { renderPrompt } = templateByName(template);
  const prompts: RenderedPrompt[] = [];
  for (const [item, { input, samples, hint }] of items.entries()) {
    const nonce = nonceOf(input);
    for (const group of groupByOrder(samples, input.responses.length)) {
      await setImmediate();
      prompts.push({ ...group, item, prompt: renderPrompt(input, group.order, { nonce, hint, principles }) });
    }
  }
  return prompts;
}

/** A mark for the delimiters that a response cannot foresee, since it depends on all of them; the same for the same input, whoever wrote its fields down in which order. */
function nonceOf({ conversation, responses, reference, criteria }: JudgeInput): string {
  const fields = { conversation: conversation.map(({ role, content }) => ({ role, content })), responses, reference, criteria };
  return createHash('sha256').update(JSON.stringify(fields)).digest('hex').slice(0, 8);
}
