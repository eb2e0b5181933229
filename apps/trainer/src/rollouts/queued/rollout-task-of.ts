import type { DrawRequest } from '@grm/judging';
import type { RolloutTask } from '@grm/protocol';

/** A request as the samplers get it. */
export function rolloutTaskOf(request: DrawRequest, envelope: Pick<RolloutTask, 'requestId' | 'taskId' | 'replyTo' | 'policy' | 'deadline'>): RolloutTask {
  const { items, template, principles, temperature, topP, maxTokens, maxPromptTokens } = request;
  return {
    version: 1,
    ...envelope,
    items: items.map(({ input: { conversation, responses, reference, criteria }, samples, hint }) => ({
      input: {
        conversation: conversation.map(({ role, content }) => ({ role, content })),
        responses: [...responses],
        ...(reference === undefined ? {} : { reference }),
        ...(criteria === undefined ? {} : { criteria: [...criteria] }),
      },
      samples: samples.map(({ index, seed }) => ({ index, seed })),
      ...(hint === undefined ? {} : { hint }),
    })),
    template,
    temperature,
    maxTokens,
    ...(principles === undefined ? {} : { principles }),
    ...(topP === undefined ? {} : { topP }),
    ...(maxPromptTokens === undefined ? {} : { maxPromptTokens }),
  };
}
