import type { EvaluationStage, TrainingRunSpec } from '@grm/resources';
import { withScalarHead } from '../architecture/architecture.ts';
import type { Assumptions } from '../assumptions/assumptions.ts';
import { judgementLengths } from './judgement-lengths.ts';
import type { Phase } from './phase.ts';
import type { RunFacts } from './run-facts.ts';

/**
 * An item is judged once greedily, once more with its reference shown where that is asked for, and as often as the largest vote needs;
 * smaller votes take part of these. A run that trains a meta RM scores the judgements of the votes with it.
 */
export function evaluationPhases(stage: EvaluationStage, { policy }: RunFacts, { stages }: TrainingRunSpec, assumptions: Assumptions): Phase[] {
  const items = stage.items * stage.suites.length;
  const sampled = Math.max(...stage.samples);
  const greedy = stage.referenceGuided ? 2 : 1;
  const lengths = judgementLengths(assumptions, stage.maxTokens, policy);
  const common = { stage: 'evaluation', when: 'steps', resident: [] } as const;
  const phases: Phase[] = [
    { ...common, work: 'draw', kind: 'generate', model: policy, rounds: 1, judgementsPerRound: items * (greedy + sampled), ...lengths },
  ];
  if (stages.metaRM !== undefined) {
    const rowTokens = assumptions.metaPromptTokens + lengths.judgementTokens;
    phases.push({ ...common, work: 'meta scoring', kind: 'forward', model: withScalarHead(policy), steps: 1, rowsPerStep: items * sampled, rowTokens });
  }
  return phases;
}
