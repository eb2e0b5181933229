import { describe, expect, it } from 'vitest';
import { impliedUtilisation } from './implied-utilisation.ts';
import { estimate } from './testing/estimated.ts';
import { readRun } from './testing/published.ts';

describe('utilisation', () => {
  it('solved from a duration gives that duration again', () => {
    const run = readRun('examples/deepseek-grm-27b/run.yaml');
    const found = estimate(run);
    for (const [stage, hours] of [['rft', 19.2], ['grpo', 15.6]] as const) {
      const { training = 0 } = impliedUtilisation(found, stage, hours * 3600);
      const again = estimate(run, { assumptions: { trainingUtilisation: training } });
      const steps = again.phases.filter((each) => each.stage === stage && each.when === 'steps');
      expect(steps.reduce((sum, { seconds }) => sum + seconds, 0) / 3600).toBeCloseTo(hours, 6);
    }
  });

  it('of training alone is the overall one', () => {
    const { overall, training = 0 } = impliedUtilisation(estimate(readRun('examples/deepseek-grm-27b/run.yaml')), 'rft', 19.2 * 3600);
    expect(overall).toBeCloseTo(training, 9);
  });

  it('cannot be solved where drawing alone takes longer, or the stage is not there', () => {
    const found = estimate(readRun('examples/deepseek-grm-27b/run.yaml'));
    expect(impliedUtilisation(found, 'grpo', 60).training).toBeUndefined();
    expect(() => impliedUtilisation(found, 'pretrain', 60)).toThrow('it has rft, grpo, metaRM, evaluation');
  });
});
