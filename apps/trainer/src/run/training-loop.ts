import { TrainingDivergedError, type StepResult, type TrainingObjective, type TrainingSession, type TrainingStep } from '@grm/language-model';
import { StageDivergedError } from './stage-diverged-error.ts';
import type { StageName } from './stage.ts';

/** Adds up what steps gave since it was last asked, weighting losses alike. */
export class StepMeter {
  #results: StepResult[] = [];

  add(result: StepResult): void {
    this.#results.push(result);
  }

  /** Means since the last call; tokens per second of computing alone; padding as a share of what was computed. */
  take(): { readonly loss: number; readonly gradientNorm: number; readonly tokensPerSecond: number; readonly padding: number } {
    const results = this.#results;
    this.#results = [];
    const sum = (value: (result: StepResult) => number): number => results.reduce((total, result) => total + value(result), 0);
    const tokens = sum((result) => result.tokens);
    return {
      loss: sum((result) => result.loss) / results.length,
      gradientNorm: sum((result) => result.gradientNorm) / results.length,
      tokensPerSecond: (1000 * tokens) / sum((result) => result.milliseconds),
      padding: Math.max(0, 1 - tokens / sum((result) => result.paddedTokens)),
    };
  }
}

/**
 * One step.
 * @param at step from 1; `rows` says what the step learnt from
 * @throws {StageDivergedError} the weights are then as they were before it
 */
export async function trainStep<Objective extends TrainingObjective>(
  session: TrainingSession<Objective>,
  step: TrainingStep<Objective>,
  at: { readonly stage: StageName; readonly step: number; readonly rows?: string },
): Promise<StepResult> {
  try {
    return await session.step(step);
  } catch (cause) {
    throw cause instanceof TrainingDivergedError ? new StageDivergedError(at, { cause }) : cause;
  }
}
