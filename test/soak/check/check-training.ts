import type { StepLine, TrainingHistory } from '../training/training-history.ts';
import type { Violation } from './violation.ts';

/** What became of a disturbed run, beside one that was left alone. */
export interface TrainingFindings {
  /** Steps of the effective history, over all stages. */
  readonly steps: number;
  /** Steps that were done again from a checkpoint, in place of those that were lost. */
  readonly redone: number;
  /** Times that a trainer went on with the run. */
  readonly resumed: number;
  readonly violations: readonly Violation[];
}

/**
 * Every step of the run exactly once, each with the values that an undisturbed run has, and the same weights at the end.
 *
 * A line of the metrics whose step is not beyond the last one of its stage takes the place of all from there on: a trainer went on from a checkpoint before it. That
 * is only so after a restart; without one a step would have been counted twice.
 */
export function checkTraining({ disturbed, alone, resumed }: TrainingHistory): TrainingFindings {
  const violations: Violation[] = [];
  const broken = (rule: string, message: string): void => void violations.push({ rule, message });
  const [mine, twins] = [effectiveHistory(disturbed.lines), effectiveHistory(alone.lines)];
  for (const stage of new Set([...twins.steps.keys(), ...mine.steps.keys()])) {
    const [done, wanted] = [mine.steps.get(stage) ?? new Map(), twins.steps.get(stage) ?? new Map()];
    for (const [step, values] of wanted) {
      const found = done.get(step);
      if (found === undefined) broken('steps-accounted-for', `${stage}: step ${step} is missing`);
      // Where a line stands for several steps, its means begin with the restart.
      else if (everyStepIsTold(wanted) && found !== values) broken('same-steps', `${stage}: step ${step} has ${found} where the undisturbed run has ${values}`);
    }
    for (const step of done.keys()) if (!wanted.has(step)) broken('steps-accounted-for', `${stage}: step ${step} is one too many`);
  }
  if (mine.rewinds > resumed) broken('steps-accounted-for', `the run went back ${mine.rewinds} times, and was resumed ${resumed} times: a step was counted twice`);
  for (const stage of mine.outOfOrder) broken('steps-accounted-for', `${stage}: a step follows one that is not the one before it`);
  for (const [name, digest] of Object.entries(alone.digests)) {
    if (disturbed.digests[name] !== digest) broken('same-weights', `${name} is ${disturbed.digests[name] ?? 'missing'} where the undisturbed run has ${digest}`);
  }
  const steps = [...mine.steps.values()].reduce((sum, { size }) => sum + size, 0);
  return { steps, redone: mine.redone, resumed, violations };
}

interface EffectiveHistory {
  /** By stage, then by step: the values, as JSON. */
  readonly steps: ReadonlyMap<string, ReadonlyMap<number, string>>;
  readonly redone: number;
  readonly rewinds: number;
  /** Stages in which a line of a stage that was over came again. */
  readonly outOfOrder: readonly string[];
}

function effectiveHistory(lines: readonly StepLine[]): EffectiveHistory {
  const steps = new Map<string, Map<number, string>>();
  const outOfOrder: string[] = [];
  let [redone, rewinds] = [0, 0];
  let current: string | undefined;
  for (const { stage, step, values } of lines) {
    const known = steps.get(stage) ?? new Map<number, string>();
    if (current !== stage && known.size > 0) outOfOrder.push(stage);
    current = stage;
    const lost = [...known.keys()].filter((one) => one >= step);
    for (const one of lost) known.delete(one);
    redone += lost.length;
    if (lost.length > 0) rewinds += 1;
    steps.set(stage, known.set(step, values));
  }
  return { steps, redone, rewinds, outOfOrder };
}

/** Whether a stage tells of each step, and not only of every fifth. */
function everyStepIsTold(steps: ReadonlyMap<number, string>): boolean {
  return [...steps.keys()].every((step, index) => step === index + 1);
}
