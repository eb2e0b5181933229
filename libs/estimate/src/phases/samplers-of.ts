import type { TrainingRunSpec } from '@grm/resources';
import type { GeneratePhase } from './phase.ts';

/** The sampler processes that draw for rft and grpo, where a manifest declares some. */
export function samplersOf({ rollouts }: TrainingRunSpec): Pick<GeneratePhase, 'samplers'> {
  return rollouts.replicas === 0 ? {} : { samplers: rollouts };
}
