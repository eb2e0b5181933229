import { bootstrapService, JetStreamWorkStrategy } from '@grm/service-kit';
import { openEngine } from './open-engine.ts';
import { openRolloutEngine } from './rollouts/open-rollout-engine.ts';
import { RolloutModule } from './rollouts/rollout.module.ts';
import { SamplerModule } from './sampler.module.ts';

await bootstrapService({
  application: 'sampler',
  // One sampler for serving and for training.
  moduleOf: ({ runName }) => (runName === undefined ? SamplerModule.withEngine(openEngine) : RolloutModule.withEngine(openRolloutEngine)),
  strategies: [JetStreamWorkStrategy],
});
