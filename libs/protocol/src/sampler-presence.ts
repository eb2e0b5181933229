import { z } from 'zod';
import { PolicyRevision } from './policy-reference.ts';
import { Count } from './scalars.ts';

/** Reply to `grm.rollout.<ns>.<run>.presence`: a sampler of the run lives. */
export const SamplerPresence = z.object({
  sampler: z.string().describe('Host and process id'),
  policy: PolicyRevision.describe('The weights in its engine').exactOptional(),
  drawing: Count.describe('Tasks being worked on'),
});
export type SamplerPresence = z.infer<typeof SamplerPresence>;
