import { z } from 'zod';
import { Count, DurationMs, Id, Seed } from './scalars.ts';
import { TaskFailure } from './task-failure.ts';
import { ModelIdentity, Usage } from './usage.ts';

export const finishReasons = ['stop', 'length', 'cancelled'] as const;

export const DrawnSample = z.object({
  index: Count,
  seed: Seed,
  text: z.string(),
  order: z.array(Count).describe("order[position in the prompt] = the caller's index"),
  tokens: Count,
  meanLogprob: z.number().describe('Mean natural log-probability of the tokens drawn'),
  finishReason: z.enum(finishReasons),
});
export type DrawnSample = z.infer<typeof DrawnSample>;

export const SampleSuccess = z.object({
  requestId: Id,
  taskId: Id,
  samples: z.array(DrawnSample),
  usage: Usage,
  timings: z.object({ queueMs: DurationMs, runMs: DurationMs }),
  model: ModelIdentity,
});
export type SampleSuccess = z.infer<typeof SampleSuccess>;

/** Answer to a SampleTask; `'error' in result` tells the two apart. */
export const SampleResult = z.union([TaskFailure, SampleSuccess]);
export type SampleResult = z.infer<typeof SampleResult>;
