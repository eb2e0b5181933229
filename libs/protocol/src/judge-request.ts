import { z } from 'zod';
import { JudgeInput } from './judge-input.ts';
import { limits } from './limits.ts';
import { Id, Seed, Temperature, whole } from './scalars.ts';

export const stoppingModes = ['Never', 'Exact', 'Confident'] as const;

export const metaRMRules = ['Weight', 'Filter', 'None'] as const;

export const detailLevels = ['scores', 'judgements'] as const;

/** What is left out is the service's choice. */
export const SamplingOptions = z.strictObject({
  samples: whole('samples', 1, limits.samples).describe('Judgements to draw (k)').exactOptional(),
  temperature: Temperature.exactOptional(),
  seed: Seed.exactOptional(),
  stopping: z.enum(stoppingModes).describe('When to stop before all samples are drawn').exactOptional(),
});

export const VoteOptions = z.strictObject({
  metaRM: z.enum(metaRMRules).describe("How the meta reward model's opinion counts").exactOptional(),
  keep: whole('keep', 1, limits.samples).describe('Samples that the Filter rule keeps; half of them by default').exactOptional(),
});

/** A filter cannot keep more samples than are drawn. */
export function checkKeep(context: z.core.ParsePayload<{ sampling?: z.infer<typeof SamplingOptions>; vote?: z.infer<typeof VoteOptions> }>): void {
  const { sampling, vote } = context.value;
  if (vote?.keep === undefined || sampling?.samples === undefined || vote.keep <= sampling.samples) return;
  context.issues.push({
    code: 'custom',
    input: vote.keep,
    path: ['vote', 'keep'],
    message: `keep (${vote.keep}) must not be above sampling.samples (${sampling.samples})`,
  });
}

/** Request of `grm.v1.<ns>.<svc>.judge`. */
export const JudgeRequest = z
  .strictObject({
    id: Id.describe('Names the request across retries; the client makes one when absent').exactOptional(),
    ...JudgeInput.shape,
    sampling: SamplingOptions.exactOptional(),
    vote: VoteOptions.exactOptional(),
    detail: z.enum(detailLevels).exactOptional(),
  })
  .check(checkKeep);
export type JudgeRequest = z.infer<typeof JudgeRequest>;
