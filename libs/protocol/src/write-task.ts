import { z } from 'zod';
import { JudgeInput } from './judge-input.ts';
import { limits } from './limits.ts';
import { Count, EpochMs, Id, Seed, Subject, Temperature, whole } from './scalars.ts';

/** Work of `grm.work.<ns>.<svc>.write`: write these answers to one conversation. Results go to `replyTo`. */
export const WriteTask = z.object({
  version: z.literal(1),
  requestId: Id,
  taskId: Id,
  replyTo: Subject,
  conversation: JudgeInput.shape.conversation,
  revise: z.object({ draft: z.string(), critique: z.string() }).describe('What the answers are to improve on').exactOptional(),
  template: z.string().min(1).describe('Name of the prompt template'),
  answers: z.array(z.object({ index: Count, seed: Seed })).min(1).max(limits.responses),
  temperature: Temperature,
  topP: z.number().gt(0).max(1).exactOptional(),
  maxTokens: whole('maxTokens', 1, limits.maxTokens),
  deadline: EpochMs,
  revision: z.string().describe('Write only with these weights').exactOptional(),
});
export type WriteTask = z.infer<typeof WriteTask>;
