import type { TrainingRunSpec } from '@grm/resources';
import type { Assumptions } from '../assumptions/assumptions.ts';
import { EstimateError } from '../estimate-error.ts';
import { evaluationPhases } from './evaluation-phases.ts';
import { grpoPhases } from './grpo-phases.ts';
import { metaRMPhases } from './meta-rm-phases.ts';
import type { Phase } from './phase.ts';
import { pretrainPhases } from './pretrain-phases.ts';
import { rftPhases } from './rft-phases.ts';
import type { RunFacts } from './run-facts.ts';

/**
 * All that a run does, in order.
 * @throws {EstimateError}
 */
export function phasesOfRun(spec: TrainingRunSpec, facts: RunFacts, assumptions: Assumptions): Phase[] {
  const { pretrain, rft, grpo, metaRM, evaluation } = spec.stages;
  const phases = [
    ...(pretrain === undefined ? [] : pretrainPhases(pretrain, facts, assumptions)),
    ...(rft === undefined ? [] : rftPhases(rft, facts, spec, assumptions)),
    ...(grpo === undefined ? [] : grpoPhases(grpo, facts, spec, assumptions)),
    ...(metaRM === undefined ? [] : metaRMPhases(metaRM, facts, assumptions)),
    ...(evaluation === undefined ? [] : evaluationPhases(evaluation, facts, spec, assumptions)),
  ];
  checkRows(phases, facts, assumptions);
  return phases;
}

function checkRows(phases: readonly Phase[], { policy }: RunFacts, { longestRow }: Assumptions): void {
  if (longestRow > policy.contextLength) throw new EstimateError(`--longest-row ${longestRow} is more than the model's context of ${policy.contextLength}`);
  for (const phase of phases) {
    if (phase.kind === 'generate') continue;
    const mean = phase.kind === 'train' ? Math.max(...phase.rows.map(({ tokens }) => tokens)) : phase.rowTokens;
    if (mean > longestRow) throw new EstimateError(`rows of ${phase.stage} have ${mean} tokens on average, so the longest cannot have ${longestRow}; give --longest-row`);
  }
}
