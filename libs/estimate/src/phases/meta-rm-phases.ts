import { type MetaRMStage, TRAINING_DEFAULTS } from '@grm/resources';
import { withScalarHead } from '../architecture/architecture.ts';
import type { Assumptions } from '../assumptions/assumptions.ts';
import { judgementLengths } from './judgement-lengths.ts';
import type { Phase } from './phase.ts';
import type { RunFacts } from './run-facts.ts';

/** The policy judges; a scalar head on its backbone learns which judgements are right. That some are left out is not counted. */
export function metaRMPhases(stage: MetaRMStage, { policy }: RunFacts, assumptions: Assumptions): Phase[] {
  const lengths = judgementLengths(assumptions, stage.maxTokens, policy);
  const judgements = stage.items * stage.samplesPerItem;
  const epochs = stage.epochs ?? TRAINING_DEFAULTS.metaRM.epochs;
  return [
    { stage: 'metaRM', work: 'draw', when: 'before', kind: 'generate', model: policy, resident: [], rounds: 1, judgementsPerRound: judgements, ...lengths },
    {
      stage: 'metaRM',
      work: 'train',
      when: 'steps',
      kind: 'train',
      model: withScalarHead(policy),
      resident: [],
      steps: stage.steps ?? Math.ceil((judgements * epochs) / stage.batchSize),
      rowsPerStep: stage.batchSize,
      rows: [{ share: 1, tokens: assumptions.metaPromptTokens + lengths.judgementTokens }],
      optimizer: 'adamW',
    },
  ];
}
