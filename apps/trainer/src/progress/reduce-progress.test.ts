import { type EvaluationRow, RunProgress } from '@grm/protocol';
import { describe, expect, it } from 'vitest';
import { beginProgress, type ProgressState } from './progress-state.ts';
import { atMoment, reduceProgress } from './reduce-progress.ts';
import type { RunEvent } from './run-event.ts';

/** Seconds after the epoch; half of them were CPU time. */
const moment = (seconds: number) => ({ time: new Date(1000 * seconds), cpuSeconds: seconds / 2 });
const iso = (seconds: number): string => moment(seconds).time.toISOString();

type Timed = readonly [seconds: number, event: RunEvent];

function stateAfter(timed: readonly Timed[], previous?: RunProgress): ProgressState {
  const begun = beginProgress({ stages: ['rft', 'grpo'], previous }, moment(0));
  return timed.reduce((state, [seconds, event]) => reduceProgress(state, event, moment(seconds)), begun);
}
/** What readers get: it has gone through JSON and the schema. */
const read = ({ progress }: ProgressState): RunProgress => RunProgress.parse(JSON.parse(JSON.stringify(progress)));
const progressAfter = (...timed: readonly Timed[]): RunProgress => read(stateAfter(timed));

const started = (stage: string, steps: number): RunEvent => ({ type: 'stage-started', stage, steps });
const advanced = (stage: string, step: number, steps: number, metrics = {}): RunEvent => ({ type: 'stage-advanced', stage, step, steps, metrics });
const complete = (stage: string, metrics = {}): RunEvent => ({ type: 'stage-finished', stage, state: 'Complete', metrics });
const failed = (stage: string): RunEvent => ({ type: 'stage-finished', stage, state: 'Failed', metrics: {} });
const ended = (phase: 'Complete' | 'Failed' | 'Suspended', message?: string): RunEvent => ({ type: 'run-finished', phase, ...(message === undefined ? {} : { message }) });
const saved = (step: number): RunEvent => ({ type: 'checkpoint-saved', stage: 'grpo', step, uri: `file:///grpo-${step}`, digest: `sha256:${step}` });
const notice = (reason: string, message = ''): RunEvent => ({ type: 'noticed', stage: 'grpo', notice: { type: 'Warning', reason, message } });

describe('the stages of a run', () => {
  it('wait, run and end, with the last value of each metric', () => {
    const { stages } = progressAfter(
      [10, started('rft', 3)],
      [20, advanced('rft', 1, 3, { loss: 2, padding: 0.1 })],
      [30, advanced('rft', 2, 3, { loss: 1.5 })],
      [40, complete('rft', { kept: 7 })],
    );
    expect(stages).toEqual([
      { name: 'rft', state: 'Complete', step: 2, steps: 3, startedAt: iso(10), finishedAt: iso(40), metrics: { loss: 1.5, padding: 0.1, kept: 7 } },
      { name: 'grpo', state: 'Pending', step: 0, steps: 0 },
    ]);
  });

  it('begin another piece of work at step 0, and go on with one of as many steps', () => {
    const drawn = [[1, started('rft', 50)], [2, advanced('rft', 20, 50)]] as const;
    expect(progressAfter(...drawn, [3, started('rft', 8)]).stages[0]).toMatchObject({ step: 0, steps: 8, startedAt: iso(1) });
    expect(progressAfter(...drawn, [3, started('rft', 50)]).stages[0]).toMatchObject({ step: 20, steps: 50 });
  });

  it('have no value for a metric that is no number any more', () => {
    expect(progressAfter([1, advanced('rft', 1, 3, { loss: 2 })], [2, advanced('rft', 2, 3, { loss: Number.NaN, kl: 0 })]).stages[0]?.metrics).toEqual({ kl: 0 });
  });
});

describe('the checkpoint of a run', () => {
  it.each<[string, readonly RunEvent[], object]>([
    ['is the newest, and not verified because it was written', [saved(5), saved(10)], { step: 10, uri: 'file:///grpo-10', digest: 'sha256:10', verified: false }],
    ['is verified once its content was read and had its digest', [saved(5), { type: 'checkpoint-verified', digest: 'sha256:5' }], { step: 5, verified: true }],
    ['is not verified by the reading of another one', [saved(5), { type: 'checkpoint-verified', digest: 'sha256:4' }], { step: 5, verified: false }],
    ['is to be verified again when a newer one is written', [saved(5), { type: 'checkpoint-verified', digest: 'sha256:5' }, saved(6)], { step: 6, verified: false }],
  ])('%s', (_, events, expected) => {
    expect(progressAfter(...events.map((event): Timed => [1, event])).checkpoint).toMatchObject({ stage: 'grpo', time: iso(1), ...expected });
  });
});

it('a checkpoint is no more once its stage is complete, and stays while another stage ends', () => {
  expect(progressAfter([1, saved(5)], [2, complete('rft')]).checkpoint).toMatchObject({ step: 5 });
  expect(progressAfter([1, saved(5)], [2, failed('grpo')]).checkpoint).toMatchObject({ step: 5 });
  expect(progressAfter([1, saved(5)], [2, complete('grpo')])).not.toHaveProperty('checkpoint');
});

describe('the conditions of a run', () => {
  const conditions = (...timed: readonly Timed[]) => progressAfter(...timed).conditions?.map(({ type, status, reason }) => `${type} ${status} ${reason}`);

  it.each<[string, readonly RunEvent[], readonly string[]]>([
    ['of a trainer that has begun', [], ['Progressing True Started', 'Complete False Running', 'Failed False Running']],
    ['of a running stage', [started('rft', 1)], ['Progressing True StageRunning', 'Complete False Running', 'Failed False Running']],
    ['of a complete run', [complete('rft'), ended('Complete')], ['Progressing False StagesComplete', 'Complete True StagesComplete', 'Failed False StagesComplete']],
    ['of a suspended run', [started('rft', 1), ended('Suspended')], ['Progressing False Suspended', 'Complete False Suspended', 'Failed False Suspended']],
    ['of a run with a failed stage', [failed('rft'), ended('Failed', 'diverged')], ['Progressing False StageFailed', 'Complete False StageFailed', 'Failed True StageFailed']],
    ['of a run that failed before any stage', [ended('Failed', 'no folder')], ['Progressing False RunFailed', 'Complete False RunFailed', 'Failed True RunFailed']],
    ['of a run whose checkpoint was written', [saved(5)], ['Progressing True Started', 'CheckpointSaved True Saved', 'Complete False Running', 'Failed False Running']],
    ['of a run whose newest checkpoint was not written', [saved(5), notice('CheckpointNotWritten')], ['Progressing True Started', 'CheckpointSaved False CheckpointNotWritten', 'Complete False Running', 'Failed False Running']],
    ['of a policy that strayed', [{ type: 'condition-changed', condition: { type: 'KLWithinLimit', status: 'False', reason: 'RolledBack', message: '' } }], ['Progressing True Started', 'KLWithinLimit False RolledBack', 'Complete False Running', 'Failed False Running']],
  ])('%s', (_, events, expected) => {
    expect(conditions(...events.map((event): Timed => [1, event]))).toEqual(expected);
  });

  it('have the time at which their status last changed, not their message', () => {
    const found = progressAfter([1, saved(5)], [2, saved(10)], [3, notice('CheckpointNotWritten', 'disk full')], [4, notice('CheckpointNotWritten', 'disk still full')]);
    expect(found.conditions?.find(({ type }) => type === 'CheckpointSaved')).toEqual({
      type: 'CheckpointSaved', status: 'False', reason: 'CheckpointNotWritten', message: 'disk still full', lastTransitionTime: iso(3),
    });
    expect(progressAfter([1, saved(5)], [2, saved(10)]).conditions?.[1]).toMatchObject({ message: 'grpo step 10', lastTransitionTime: iso(1) });
  });
});

describe('the notices of a run', () => {
  it('are the newest twenty, with time and stage, and none is endless', () => {
    const { notices = [] } = progressAfter(...Array.from({ length: 25 }, (_, index): Timed => [index, notice(`Reason${index}`, 'x'.repeat(5_000))]));
    expect(notices.map(({ reason }) => reason)).toEqual(Array.from({ length: 20 }, (_, index) => `Reason${index + 5}`));
    expect(notices.at(-1)).toMatchObject({ time: iso(24), type: 'Warning', stage: 'grpo', message: `${'x'.repeat(1_000)}...` });
  });
});

describe('artefacts and evaluation of a run', () => {
  it('names what was left, the kept judgements too', () => {
    const artifacts = (['policy', 'keptJudgements'] as const).map((name): Timed => [1, { type: 'artifact-saved', name, uri: `file:///${name}`, digest: 'sha256:1' }]);
    expect(progressAfter(...artifacts).artifacts).toEqual({
      policy: { uri: 'file:///policy', digest: 'sha256:1' },
      keptJudgements: { uri: 'file:///keptJudgements', digest: 'sha256:1' },
    });
  });

  it('holds each row once, as measured last', () => {
    const row = (method: string, accuracy: number, category?: string): EvaluationRow => ({
      suite: 'nanobench', method, measure: 'accuracy', accuracy, low: 0, high: 1, items: 10, ...(category === undefined ? {} : { category }),
    });
    const { evaluation } = progressAfter(
      [1, { type: 'evaluated', rows: [row('greedy', 0.5), row('greedy', 0.4, 'chat')] }],
      [2, { type: 'evaluated', rows: [row('greedy', 0.6), row('vote@8', 0.7)] }],
    );
    expect(evaluation).toEqual([row('greedy', 0.4, 'chat'), row('greedy', 0.6), row('vote@8', 0.7)]);
  });
});

describe('what a run uses', () => {
  const worked = (tokens: number): RunEvent => ({ type: 'worked', tokens });

  it('is summed up: tokens, hours, tokens per second of the last minute', () => {
    const { usage } = progressAfter([0, worked(100_000)], [100, worked(1_000)], [160, worked(6_000)], [220, worked(6_000)]);
    expect(usage).toEqual({ gpuHours: 0, cpuHours: 220 / 2 / 3600, tokens: 113_000, tokensPerSecond: 100 });
  });

  it('says how long the running stage still takes, less the time since its last step', () => {
    const state = stateAfter([[0, started('rft', 100)], [10, advanced('rft', 10, 100)], [20, advanced('rft', 20, 100)]]);
    expect(read(state).usage?.remainingSeconds).toBeCloseTo(80);
    expect(read(atMoment(state, moment(25)))).toMatchObject({ updatedAt: iso(25), usage: { cpuHours: 12.5 / 3600, remainingSeconds: 75 } });
  });

  it.each<[string, readonly Timed[]]>([
    ['before a second step shows the pace', [[0, started('rft', 100)], [10, advanced('rft', 10, 100)]]],
    ['before a second step of another piece of work', [[1, advanced('rft', 1, 4)], [2, advanced('rft', 2, 4)], [3, started('rft', 100)], [50, advanced('rft', 10, 100)]]],
    ['when a stage has ended', [[0, started('rft', 9)], [1, advanced('rft', 1, 9)], [2, advanced('rft', 2, 9)], [3, complete('rft')]]],
    ['when the run has ended', [[0, started('rft', 9)], [1, advanced('rft', 1, 9)], [2, advanced('rft', 2, 9)], [3, worked(1)], [4, worked(1)], [5, ended('Suspended')]]],
  ])('says nothing of the time that is left %s', (_, timed) => {
    expect(progressAfter(...timed).usage).not.toHaveProperty('remainingSeconds');
    expect(progressAfter(...timed).usage).not.toHaveProperty('tokensPerSecond');
  });

  it('takes the pace from steps since a roll-back alone', () => {
    const { usage } = progressAfter([0, started('grpo', 10)], [10, advanced('grpo', 8, 10)], [20, advanced('grpo', 2, 10)], [30, advanced('grpo', 3, 10)]);
    expect(usage?.remainingSeconds).toBeCloseTo(70);
  });
});

describe('a run that goes on after a stop', () => {
  const before = progressAfter(
    [0, started('rft', 3)], [10, complete('rft', { kept: 7 })], [20, started('grpo', 9)], [30, advanced('grpo', 4, 9, { reward: 0.5 })],
    [31, saved(4)], [32, { type: 'worked', tokens: 500 }], [33, notice('KLRollback')], [40, ended('Suspended', 'stopped in stage grpo')],
  );

  it('knows what it knew, runs again, and adds to what it had used', () => {
    const begun = read(beginProgress({ stages: ['rft', 'grpo'], previous: before }, moment(0)));
    expect(begun).toMatchObject({ phase: 'Running', stages: before.stages, checkpoint: before.checkpoint, notices: before.notices });
    expect(begun).not.toHaveProperty('message');
    expect(begun.conditions?.[0]).toMatchObject({ type: 'Progressing', status: 'True', reason: 'Resumed' });
    const { usage } = read(stateAfter([[36, { type: 'worked', tokens: 20 }]], before));
    expect(usage).toEqual({ gpuHours: 0, cpuHours: (20 + 18) / 3600, tokens: 520 });
  });

  it('leaves the times of a finished stage as they were when it is told of again', () => {
    expect(read(stateAfter([[100, complete('rft')]], before)).stages[0]).toEqual(before.stages[0]);
  });

  it('does not invent times for a stage of which only its end is known', () => {
    expect(progressAfter([100, complete('rft')]).stages[0]).toEqual({ name: 'rft', state: 'Complete', step: 0, steps: 0, metrics: {} });
  });
});
