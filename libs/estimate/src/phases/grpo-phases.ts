import type { GRPOStage, TrainingRunSpec } from '@grm/resources';
import type { Assumptions } from '../assumptions/assumptions.ts';
import { judgementLengths } from './judgement-lengths.ts';
import type { Phase, Resident } from './phase.ts';
import type { RunFacts } from './run-facts.ts';
import { samplersOf } from './samplers-of.ts';

/**
 * Items are filtered once; then each step draws a batch, reads it with the reference, and learns from it. Groups that are all right or
 * all wrong teach nothing but are counted, so training is an upper bound. The first of `innerEpochs` gives the old log-probabilities.
 */
export function grpoPhases(stage: GRPOStage, { policy, filter }: RunFacts, spec: TrainingRunSpec, assumptions: Assumptions): Phase[] {
  const lengths = judgementLengths(assumptions, stage.maxTokens, policy);
  const rowTokens = lengths.promptTokens + lengths.judgementTokens;
  const items = stage.items ?? (stage.steps * stage.batchSize) / stage.groupSize;
  const resident: Resident[] = ['policyInTraining', ...(stage.klCoefficient > 0 ? (['reference'] as const) : [])];
  const steps = { stage: 'grpo', when: 'steps', model: policy } as const;
  const phases: Phase[] = [];
  if (stage.filter !== undefined) {
    const model = filter ?? policy;
    phases.push({
      stage: 'grpo',
      work: 'filter',
      when: 'before',
      kind: 'generate',
      model,
      resident: [],
      rounds: 1,
      judgementsPerRound: items * stage.filter.samples,
      ...judgementLengths(assumptions, stage.maxTokens, model),
      ...samplersOf(spec),
    });
  }
  phases.push({ ...steps, work: 'rollouts', kind: 'generate', resident, rounds: stage.steps, judgementsPerRound: stage.batchSize, ...lengths, ...samplersOf(spec) });
  if (stage.klCoefficient > 0) {
    phases.push({ ...steps, work: 'reference pass', kind: 'forward', resident, steps: stage.steps, rowsPerStep: stage.batchSize, rowTokens });
  }
  phases.push({
    ...steps,
    work: 'train',
    kind: 'train',
    resident: resident.filter((name) => name === 'reference'),
    steps: stage.steps * stage.innerEpochs,
    rowsPerStep: stage.batchSize,
    rows: [{ share: 1, tokens: rowTokens }],
    optimizer: 'adamW',
  });
  return phases;
}
