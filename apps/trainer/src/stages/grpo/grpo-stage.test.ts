import { join } from 'node:path';
import { createTrainingSession, loadCheckpoint, TrainingDivergedError, type TrainingSession } from '@grm/language-model';
import { beforeAll, describe, expect, it } from 'vitest';
import type { RunEvent } from '../../progress/run-event.ts';
import { judgementFor, scriptedRollouts, type Seen } from '../../testing/scripted-rollouts.ts';
import { tinyBase } from '../../testing/tiny-base.ts';
import { runFolder, tinyRun, trained } from '../../testing/tiny-run.ts';
import { KlBreachError } from './kl-breach-error.ts';
import { UnanimousGroupsError } from './unanimous-groups-error.ts';

let base: string;
beforeAll(async () => {
  base = await tinyBase();
}, 120_000);

const run = (stage: string, rest = '') => tinyRun(`base: {volume: {path: ${base}}}\n  ${rest}\n  stages: {grpo: {batchSize: 16, ${stage}}}`);
const guess = ({ order, seed }: Seen): string => judgementFor(seed % order.length, { order });
const advances = (events: readonly RunEvent[]) => events.flatMap((event) => (event.type === 'stage-advanced' ? [event] : []));

/** Sessions whose steps report the KL that a test wants. */
const strayingSession =
  (klOf: (step: number) => number): typeof createTrainingSession =>
  async (options, signal) => {
    const session = await createTrainingSession(options, signal);
    let steps = 0;
    const step: typeof session.step = async (batch) => {
      const result = await session.step(batch);
      steps += 1;
      return { ...result, metrics: { ...result.metrics, kl: klOf(steps) } };
    };
    return Object.assign(Object.create(session) as TrainingSession<never>, {
      step,
      exportTensors: () => session.exportTensors(),
      exportState: () => session.exportState(),
      importState: (state: Parameters<typeof session.importState>[0]) => session.importState(state),
      [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
    });
  };

describe('the stage grpo', () => {
  it('draws a group of each item with the policy as it is, and moves it', async () => {
    const folder = await runFolder();
    const rollouts = scriptedRollouts(guess);
    const { outcome, events } = await trained(run('steps: 4'), folder, { openRollouts: () => Promise.resolve(rollouts) });
    expect(outcome).toBe('Complete');
    expect(rollouts.policies()).toBe(4);
    const samples = rollouts.requests.flatMap(({ items }) => items.map((item) => item.samples.length));
    expect(samples).toEqual(Array.from({ length: 16 }, () => 4));
    const last = advances(events).at(-1);
    expect(last).toMatchObject({ step: 4, steps: 4, metrics: { ratio: 1, clipped: 0, rollbacks: 0 } });
    expect(last?.metrics['liveGroups'] ?? 0).toBeGreaterThan(0);
    const [before, after] = [await loadCheckpoint(base), await loadCheckpoint(join(folder, 'artifacts', 'policy'))];
    expect(after.revision).not.toBe(before.revision);
  });

  it('makes right judgements likelier: a policy that is rewarded for one response learns to prefer it', async () => {
    // Every judgement is one of two texts; the same one is right throughout.
    const kl: number[] = [];
    const { outcome, events } = await trained(run('steps: 12, learningRate: 1e-2, warmupSteps: 0, klCoefficient: 0'), await runFolder(), {
      openRollouts: () => Promise.resolve(scriptedRollouts(guess)),
    });
    expect(outcome).toBe('Complete');
    for (const { metrics } of advances(events)) kl.push(metrics['kl'] ?? 0);
    expect(kl[0]).toBeLessThan(1e-6);
    expect(kl.at(-1)).toBeGreaterThan(1e-3);
  });

  it('takes several optimizer steps on one batch where it is told to', async () => {
    const { outcome, events } = await trained(run('steps: 2, innerEpochs: 3, learningRate: 1e-2, warmupSteps: 0'), await runFolder(), {
      openRollouts: () => Promise.resolve(scriptedRollouts(guess)),
    });
    expect(outcome).toBe('Complete');
    // The scripted policy claims e^-1 for every token, so the later steps' ratios are not 1.
    expect(advances(events)[0]?.metrics['ratio']).not.toBe(1);
  });

  it('counts groups without variance and ends with an error where there are only such groups', async () => {
    const { outcome } = await trained(run('steps: 30'), await runFolder(), { openRollouts: () => Promise.resolve(scriptedRollouts(() => 'no idea')) });
    expect(outcome).toBeInstanceOf(UnanimousGroupsError);
    expect(outcome).toMatchObject({ message: expect.stringContaining('in 10 steps none of 40 groups held both right and wrong judgements (0 % were right)') });
  });

  it('leaves out items that a weaker model judges right every time', async () => {
    const rollouts = scriptedRollouts(guess);
    const { outcome, events } = await trained(run('steps: 1, items: 60, filter: {samples: 2}'), await runFolder(), { openRollouts: () => Promise.resolve(rollouts) });
    expect(outcome).toBe('Complete');
    const notice = events.find((event) => event.type === 'noticed');
    expect(notice).toMatchObject({ notice: { reason: 'EasyItemsLeftOut', message: expect.stringMatching(/^[1-9]\d* of 60 items/u) } });
  });
});

describe('the KL guard of the stage grpo', () => {
  const guard = 'klGuard: {limit: 0.5, patience: 2, action: Rollback}';

  it('goes back to the last good checkpoint, halves the learning rate, says so, and goes on', async () => {
    // Steps 6 and 7 stray; the checkpoint of step 4 is the last good one.
    const { outcome, events } = await trained(run(`steps: 8, learningRate: 1e-3, warmupSteps: 0, ${guard}`, 'checkpoint: {everySteps: 2}'), await runFolder(), {
      openRollouts: () => Promise.resolve(scriptedRollouts(guess)),
      createTrainingSession: strayingSession((step) => (step === 6 || step === 7 ? 0.9 : 0.1)),
    });
    expect(outcome).toBe('Complete');
    expect(advances(events).map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 5, 6, 7, 8]);
    expect(advances(events).map(({ metrics }) => metrics['learningRate'])).toEqual([...Array.from({ length: 7 }, () => 1e-3), ...Array.from({ length: 4 }, () => 5e-4)]);
    expect(events.find((event) => event.type === 'noticed')).toMatchObject({ notice: { type: 'Warning', reason: 'KLRollback', message: expect.stringContaining('back at step 4') } });
    expect(events.find((event) => event.type === 'condition-changed')).toMatchObject({ condition: { type: 'KLWithinLimit', status: 'False', reason: 'RolledBack' } });
    expect(advances(events).at(-1)?.metrics['rollbacks']).toBe(1);
  });

  it('goes back to the start where no checkpoint has been saved, with other judgements than before', async () => {
    const rollouts = scriptedRollouts(guess);
    const { outcome, events } = await trained(run(`steps: 3, ${guard}`), await runFolder(), {
      openRollouts: () => Promise.resolve(rollouts),
      createTrainingSession: strayingSession((step) => (step <= 2 ? 0.9 : 0.1)),
    });
    expect(outcome).toBe('Complete');
    expect(advances(events).map(({ step }) => step)).toEqual([1, 2, 1, 2, 3]);
    const seeds = rollouts.requests.flatMap(({ items }) => items.flatMap(({ samples }) => samples.map(({ seed }) => seed)));
    expect(new Set(seeds).size).toBe(seeds.length);
  });

  it('ends the stage the second time, with the evidence', async () => {
    const { outcome } = await trained(run(`steps: 9, ${guard}`), await runFolder(), {
      openRollouts: () => Promise.resolve(scriptedRollouts(guess)),
      createTrainingSession: strayingSession(() => 0.9),
    });
    expect(outcome).toBeInstanceOf(KlBreachError);
    expect(outcome).toMatchObject({ recent: [0.9, 0.9, 0.9, 0.9], message: expect.stringContaining('after one roll-back') });
  });
});

it('a loss that is no number stops the run, names step and batch, and keeps the last checkpoint', async () => {
  const folder = await runFolder();
  let steps = 0;
  const broken: typeof createTrainingSession = async (options, signal) => {
    const session = await createTrainingSession(options, signal);
    const step = session.step.bind(session);
    session.step = (batch) => ((steps += 1) === 5 ? Promise.reject(new TrainingDivergedError(Number.NaN, Infinity)) : step(batch));
    return session;
  };
  const { outcome, events } = await trained(run('steps: 8', 'checkpoint: {everySteps: 2}'), folder, {
    openRollouts: () => Promise.resolve(scriptedRollouts(guess)),
    createTrainingSession: broken,
  });
  expect(outcome).toMatchObject({ name: 'StageDivergedError', step: 5, message: expect.stringMatching(/grpo diverged at step 5: .*its batch: [a-z-]+-[0-9a-f]{12}/u) });
  expect(events.filter((event) => event.type === 'checkpoint-saved').at(-1)).toMatchObject({ step: 4 });
  const again = await trained(run('steps: 8', 'checkpoint: {everySteps: 2}'), folder, { openRollouts: () => Promise.resolve(scriptedRollouts(guess)) });
  expect(again.outcome).toBe('Complete');
  expect(advances(again.events)[0]?.step).toBe(5);
});
