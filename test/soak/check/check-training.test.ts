import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StepLine, TrainingHistory } from '../training/training-history.ts';
import { checkTraining } from './check-training.ts';

const line = (stage: string, step: number): StepLine => ({ stage, step, values: `{"loss":${step / 7}}` });
const stages = { rft: 12, grpo: 9 } as const;
const alone = { lines: Object.entries(stages).flatMap(([stage, steps]) => Array.from({ length: steps }, (_, index) => line(stage, index + 1))), digests: { policy: 'sha256:a' } };

/** Lines of a run that was stopped at some steps and went on from a checkpoint before each. */
const disturbed: fc.Arbitrary<{ readonly lines: readonly StepLine[]; readonly resumed: number }> = fc
  .record(Object.fromEntries(Object.entries(stages).map(([stage, steps]) => [stage, fc.array(fc.record({ after: fc.integer({ min: 1, max: steps }), back: fc.nat(4) }), { maxLength: 4 })])))
  .map((stops) => {
    const lines: StepLine[] = [];
    let resumed = 0;
    for (const [stage, steps] of Object.entries(stages)) {
      let step = 0;
      for (const { after, back } of stops[stage] ?? []) {
        while (step < Math.max(step, after)) lines.push(line(stage, ++step));
        step = Math.max(0, step - back);
        resumed += 1;
      }
      while (step < steps) lines.push(line(stage, ++step));
    }
    return { lines, resumed };
  });

const historyOf = (lines: readonly StepLine[], resumed: number, digests = alone.digests): TrainingHistory => ({ disturbed: { lines, digests }, alone, resumed });
const rulesOf = (history: TrainingHistory): string[] => checkTraining(history).violations.map(({ rule }) => rule);

describe('the checker of a training run', () => {
  it('accounts for every step of a run that was stopped anywhere and went on from checkpoints', () => {
    fc.assert(
      fc.property(disturbed, ({ lines, resumed }) => {
        expect(checkTraining(historyOf(lines, resumed))).toEqual({ steps: alone.lines.length, redone: lines.length - alone.lines.length, resumed, violations: [] });
      }),
      { seed: 1 },
    );
  });

  it('finds a step that was skipped', () => {
    fc.assert(
      fc.property(disturbed, fc.nat(100), ({ lines, resumed }, place) => {
        const { stage, step } = lines[place % lines.length] ?? line('rft', 1);
        const without = lines.filter((one) => one.stage !== stage || one.step !== step);
        expect(rulesOf(historyOf(without, resumed))).toContain('steps-accounted-for');
      }),
      { seed: 2 },
    );
  });

  it('finds a step that was counted twice: the run went back, and nobody had stopped it', () => {
    const twice = alone.lines.flatMap((one) => (one.stage === 'grpo' && one.step === 5 ? [one, one] : [one]));
    expect(rulesOf(historyOf(twice, 0))).toEqual(['steps-accounted-for']);
    expect(rulesOf(historyOf(twice, 1))).toEqual([]);
  });

  it('finds a step beyond the last one', () => {
    expect(rulesOf(historyOf([...alone.lines, line('grpo', 10)], 0))).toEqual(['steps-accounted-for']);
  });

  it('finds a step that learnt something else, and other weights at the end', () => {
    const other = alone.lines.map((one) => (one.stage === 'grpo' && one.step === 3 ? { ...one, values: '{"loss":1}' } : one));
    expect(rulesOf(historyOf(other, 0, { policy: 'sha256:b' }))).toEqual(['same-steps', 'same-weights']);
  });
});
