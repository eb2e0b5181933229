import type { PretrainStage } from '@grm/resources';
import type { Assumptions } from '../assumptions/assumptions.ts';
import type { Phase } from './phase.ts';
import type { RunFacts } from './run-facts.ts';

/** Documents of a corpus in batches of so many tokens, padding included. */
export function pretrainPhases(stage: PretrainStage, { policy }: RunFacts, assumptions: Assumptions): Phase[] {
  const tokens = Math.min(assumptions.documentTokens, policy.contextLength);
  const tokensPerStep = stage.batchTokens * (1 - assumptions.padding);
  const steps = Math.ceil(stage.tokens / tokensPerStep);
  return [
    {
      stage: 'pretrain',
      work: 'train',
      when: 'steps',
      kind: 'train',
      model: policy,
      resident: [],
      steps,
      rowsPerStep: stage.tokens / steps / tokens,
      rows: [{ share: 1, tokens }],
      optimizer: 'muon',
    },
  ];
}
