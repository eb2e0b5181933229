import { type RFTStage, TRAINING_DEFAULTS, type TrainingRunSpec } from '@grm/resources';
import type { Assumptions } from '../assumptions/assumptions.ts';
import { EstimateError } from '../estimate-error.ts';
import { judgementLengths } from './judgement-lengths.ts';
import type { Phase } from './phase.ts';
import type { RunFacts } from './run-facts.ts';
import { samplersOf } from './samplers-of.ts';

/** Judgements are drawn once, or taken from a file; then those kept and the general data are learnt from. */
export function rftPhases(stage: RFTStage, facts: RunFacts, spec: TrainingRunSpec, assumptions: Assumptions): Phase[] {
  const { policy } = facts;
  const lengths = judgementLengths(assumptions, stage.maxTokens, policy);
  const drawn = stage.kept === undefined ? stage.items * (stage.samplesPerItem + stage.hintedSamplesPerItem) : 0;
  const general = stage.general?.fraction ?? 0;
  const judged = { share: 1 - general, tokens: lengths.promptTokens + lengths.judgementTokens };
  const phases: Phase[] = [];
  if (drawn > 0) {
    phases.push({
      stage: 'rft',
      work: 'draw',
      when: 'before',
      kind: 'generate',
      model: policy,
      resident: [],
      rounds: 1,
      judgementsPerRound: drawn,
      ...lengths,
      ...samplersOf(spec),
    });
  }
  phases.push({
    stage: 'rft',
    work: 'train',
    when: 'steps',
    kind: 'train',
    model: policy,
    resident: [],
    steps: stepsOf(stage, drawn, facts, assumptions),
    rowsPerStep: stage.batchSize,
    rows: [judged, { share: general, tokens: Math.min(assumptions.documentTokens, policy.contextLength) }].filter(({ share }) => share > 0),
    optimizer: 'adamW',
  });
  return phases;
}

function stepsOf(stage: RFTStage, drawn: number, { keptJudgements }: RunFacts, { keptShare }: Assumptions): number {
  if (stage.steps !== undefined) return stage.steps;
  const kept = stage.kept === undefined ? drawn * keptShare : keptJudgements;
  if (kept === undefined) {
    throw new EstimateError('rft.kept names a file that is not there, so nothing says how many judgements are learnt from; set rft.steps or give --kept-judgements');
  }
  const rows = kept / (1 - (stage.general?.fraction ?? 0));
  return Math.ceil((rows * (stage.epochs ?? TRAINING_DEFAULTS.rft.epochs)) / stage.batchSize);
}
