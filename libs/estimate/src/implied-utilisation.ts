import { sumOfFlops } from './cost/flops.ts';
import type { RunEstimate } from './estimate-run.ts';
import { EstimateError } from './estimate-error.ts';
import type { StageName } from './phases/phase.ts';

/** What a known duration says about how well the devices were used. */
export interface ImpliedUtilisation {
  readonly stage: StageName;
  readonly seconds: number;
  readonly estimatedSeconds: number;
  /** All FLOPs of the stage's steps over what the devices could have done meanwhile. */
  readonly overall: number;
  /** The utilisation of training and reading that gives this duration, drawing as estimated; absent: drawing alone takes longer. */
  readonly training?: number;
}

/**
 * Solves for utilisation: the steps of a stage are known to have taken so long. What comes before the steps (filter, draw) is left out.
 * @throws {EstimateError} when the run has no such stage.
 */
export function impliedUtilisation({ phases, cluster, assumptions }: RunEstimate, stage: StageName, seconds: number): ImpliedUtilisation {
  const steps = phases.filter((phase) => phase.stage === stage && phase.when === 'steps');
  if (steps.length === 0) throw new EstimateError(`the run has no stage ${stage}; it has ${[...new Set(phases.map((phase) => phase.stage))].join(', ')}`);
  const sum = (of: typeof steps): number => of.reduce((total, phase) => total + phase.seconds, 0);
  const drawing = sum(steps.filter(({ kind }) => kind === 'generate'));
  const rest = sum(steps) - drawing;
  const flops = steps.reduce((total, phase) => total + sumOfFlops(phase.flops), 0);
  return {
    stage,
    seconds,
    estimatedSeconds: sum(steps),
    overall: flops / (seconds * cluster.count * cluster.device.flops),
    ...(seconds > drawing && rest > 0 ? { training: (assumptions.trainingUtilisation * rest) / (seconds - drawing) } : {}),
  };
}
