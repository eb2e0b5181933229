import { z } from 'zod';
import { PolicyRevision } from './policy-reference.ts';
import { Count, DurationMs, Id, Seed } from './scalars.ts';
import { finishReasons } from './sample-result.ts';
import { TaskFailure } from './task-failure.ts';

export const RolloutSample = z.object({
  index: Count,
  seed: Seed,
  text: z.string(),
  order: z.array(Count).describe("order[position in the prompt] = the caller's index"),
  tokens: z.array(Count).describe('All ids drawn, with the one that ended the judgement'),
  logprobs: z.array(z.number()).describe('Natural log-probability of each id at temperature 1: the float32 value, exact as a JSON number'),
  finishReason: z.enum(finishReasons),
});
export type RolloutSample = z.infer<typeof RolloutSample>;

export const RolloutSuccess = z.object({
  requestId: Id,
  taskId: Id,
  items: z.array(z.object({ samples: z.array(RolloutSample) })).describe("As the task's, samples in the order in which they were asked for"),
  promptTokens: Count.describe('Of all prompts, each counted once'),
  policy: PolicyRevision.describe('The weights that drew'),
  deliveries: Count.describe('Times that the task was handed out, this one included'),
  timings: z.object({ queueMs: DurationMs, runMs: DurationMs }),
});
export type RolloutSuccess = z.infer<typeof RolloutSuccess>;

/** The task was not done, because a newer policy than the one that it names has been announced. */
export const StaleRollout = z.object({
  requestId: Id,
  taskId: Id,
  stale: z.object({ asked: PolicyRevision, newest: PolicyRevision }),
});
export type StaleRollout = z.infer<typeof StaleRollout>;

/** Answer to a RolloutTask; `'error' in result` and `'stale' in result` tell the three apart. */
export const RolloutResult = z.union([TaskFailure, StaleRollout, RolloutSuccess]);
export type RolloutResult = z.infer<typeof RolloutResult>;
