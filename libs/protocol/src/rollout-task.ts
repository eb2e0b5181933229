import { z } from 'zod';
import { Message } from './judge-input.ts';
import { limits } from './limits.ts';
import { PolicyReference } from './policy-reference.ts';
import { Count, EpochMs, Id, Seed, Subject, Temperature, whole } from './scalars.ts';

/** As a JudgeRequest's input, but for the bounds of a service: the run's data is what it is, and lone surrogates and empty responses come as they are. */
const RolloutInput = z.object({
  conversation: z.array(Message.extend({ content: z.string() })),
  responses: z.array(z.string()).min(1),
  reference: z.string().exactOptional(),
  criteria: z.array(z.string()).exactOptional(),
});

/** Work of `grm.rollout.<ns>.<run>.task`: draw judgements for training with one call of an engine. Results go to `replyTo`. */
export const RolloutTask = z.object({
  version: z.literal(1),
  requestId: Id,
  taskId: Id,
  replyTo: Subject,
  items: z
    .array(
      z.object({
        input: RolloutInput,
        samples: z.array(z.object({ index: Count, seed: Seed })).max(limits.samples),
        hint: Count.describe('Index of the response that the prompt names as the best').exactOptional(),
      }),
    )
    .min(1)
    .max(limits.rolloutItems),
  template: z.string().min(1).describe('Name of the prompt template'),
  principles: z.boolean().describe('False: the judge begins with its analysis, without criteria').exactOptional(),
  temperature: Temperature,
  topP: z.number().gt(0).max(1).exactOptional(),
  maxTokens: whole('maxTokens', 1, limits.maxTokens),
  maxPromptTokens: z.number().int().min(1).exactOptional(),
  policy: PolicyReference.describe('Draw only with these weights'),
  deadline: EpochMs,
});
export type RolloutTask = z.infer<typeof RolloutTask>;
