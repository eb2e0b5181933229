import type { ErrorBody, MetaSuccess, SampleSuccess } from '@grm/protocol';
import { decideStop, type StopDecision, type VoteSample } from '@grm/spct';
import type { JudgementPlan, PlannedTask } from '../plan/judgement-plan.ts';
import type { RunEvent, RunStep } from '../work/run-event.ts';
import { readSample, type ReadSample } from './read-sample.ts';

/** What one task has come to. `error`: why its samples, or their meta scores, are missing. */
export type TaskState =
  | { readonly stage: 'waiting' }
  | { readonly stage: 'drawing' }
  | { readonly stage: 'checking'; readonly drawn: SampleSuccess; readonly read: readonly ReadSample[] }
  | {
      readonly stage: 'settled';
      readonly drawn?: SampleSuccess;
      readonly read: readonly ReadSample[];
      readonly checked?: MetaSuccess;
      readonly error?: ErrorBody;
    };

/** Where one judgement stands. */
export interface JudgementState {
  readonly plan: JudgementPlan;
  /** Index of the wave being drawn. */
  readonly wave: number;
  readonly tasks: ReadonlyMap<string, TaskState>;
  readonly ended: boolean;
}

export type JudgementEvent =
  | { readonly kind: 'drawn'; readonly result: SampleSuccess }
  | { readonly kind: 'draw-failed'; readonly taskId: string; readonly error: ErrorBody }
  | { readonly kind: 'checked'; readonly taskId: string; readonly result: MetaSuccess }
  | { readonly kind: 'check-failed'; readonly taskId: string; readonly error: ErrorBody }
  | RunEvent;

/** `again`: the task was asked for before, and its answer may have been lost. */
export type JudgementAction =
  | { readonly kind: 'draw'; readonly task: PlannedTask; readonly wave: number; readonly again: boolean }
  | { readonly kind: 'check'; readonly taskId: string; readonly samples: readonly ReadSample[]; readonly again: boolean }
  | { readonly kind: 'cancel' }
  | { readonly kind: 'answer'; readonly reason: StopDecision['reason'] }
  | { readonly kind: 'fail'; readonly error: ErrorBody };

export type Step = RunStep<JudgementState, JudgementAction>;

/** The first wave. */
export function beginJudgement(plan: JudgementPlan): Step {
  const tasks = new Map<string, TaskState>(plan.waves.flat().map(({ taskId }) => [taskId, { stage: 'waiting' }]));
  return startWave({ plan, wave: 0, tasks, ended: false }, 0);
}

/** What follows from an event. Events that come twice, late or uncalled for change nothing. */
export function judgementStep(state: JudgementState, event: JudgementEvent): Step {
  if (state.ended) return { state, actions: [] };
  switch (event.kind) {
    case 'drawn':
      return onDrawn(state, event.result);
    case 'checked':
      return onChecked(state, event.taskId, event.result);
    case 'draw-failed':
      return onDrawFailed(state, event.taskId, event.error);
    case 'check-failed':
      return onCheckFailed(state, event.taskId, event.error);
    case 'reconnected':
      return { state, actions: askAgain(state, currentTasks(state)) };
    case 'answer-lost':
      return { state, actions: askAgain(state, currentTasks(state).filter(({ taskId }) => taskId === event.taskId)) };
    case 'deadline':
      return end(state, { code: 'deadline-exceeded', message: `The deadline passed while waiting for ${waitedFor(state)}` });
    case 'abandoned':
      return end(state, event.error);
  }
}

/** All samples read so far, by number, with their meta scores. */
export function readSamples(state: JudgementState): (ReadSample & { readonly metaLogit?: number | undefined })[] {
  return [...state.tasks.values()]
    .flatMap((task) => {
      if (task.stage !== 'settled') return [];
      const logits = new Map(task.checked?.logits.map(({ index, logit }) => [index, logit]));
      return task.read.map((sample) => ({ ...sample, metaLogit: logits.get(sample.index) }));
    })
    .sort((left, right) => left.index - right.index);
}

/** The readable ones among them, as the vote takes them. */
export function votingSamples(state: JudgementState): VoteSample[] {
  return readSamples(state).flatMap(({ index, judgement, metaLogit }) => (judgement.valid ? [{ index, scores: judgement.scores, metaLogit }] : []));
}

function onDrawn(state: JudgementState, drawn: SampleSuccess): Step {
  const planned = currentTasks(state).find(({ taskId }) => taskId === drawn.taskId);
  if (planned === undefined || state.tasks.get(drawn.taskId)?.stage !== 'drawing') return { state, actions: [] };

  const wanted = planned.samples.flatMap(({ index, seed }) => drawn.samples.find((sample) => sample.index === index && sample.seed === seed && sample.finishReason !== 'cancelled') ?? []);
  const read = wanted.map((sample) => readSample(sample, state.plan.input.responses.length));
  const valid = read.filter(({ judgement }) => judgement.valid);
  if (state.plan.rule.kind === 'sum' || valid.length === 0) return settle(state, drawn.taskId, { stage: 'settled', drawn, read });
  return {
    state: withTask(state, drawn.taskId, { stage: 'checking', drawn, read }),
    actions: [{ kind: 'check', taskId: drawn.taskId, samples: valid, again: false }],
  };
}

function onDrawFailed(state: JudgementState, taskId: string, error: ErrorBody): Step {
  // A request that one sampler cannot take, no sampler can: the prompt is too long, say.
  if (error.code === 'invalid-request') return end(state, error);
  return state.tasks.get(taskId)?.stage === 'drawing' ? settle(state, taskId, { stage: 'settled', read: [], error }) : { state, actions: [] };
}

function onChecked(state: JudgementState, taskId: string, checked: MetaSuccess): Step {
  const task = state.tasks.get(taskId);
  return task?.stage === 'checking' ? settle(state, taskId, { ...task, stage: 'settled', checked }) : { state, actions: [] };
}

function onCheckFailed(state: JudgementState, taskId: string, error: ErrorBody): Step {
  const task = state.tasks.get(taskId);
  return task?.stage === 'checking' ? settle(state, taskId, { ...task, stage: 'settled', error }) : { state, actions: [] };
}

/** Settles a task; with the last one of a wave, decides whether to go on. */
function settle(before: JudgementState, taskId: string, task: TaskState & { stage: 'settled' }): Step {
  const state = withTask(before, taskId, task);
  const wave = currentTasks(state);
  const settled = wave.flatMap((planned) => {
    const other = state.tasks.get(planned.taskId);
    return other?.stage === 'settled' ? [other] : [];
  });
  if (settled.length < wave.length) return { state, actions: [] };

  const errors = settled.flatMap(({ error }) => error ?? []);
  // Nothing came of a whole wave: going on would only spend the caller's time.
  if (errors.length === wave.length && errors[0]) return end(state, errors[0]);
  const { stop, reason } = decideStop({
    mode: state.plan.stopping,
    samples: votingSamples(state),
    settled: state.plan.waves.slice(0, state.wave + 1).reduce((sum, tasks) => sum + sizeOf(tasks), 0),
    asked: state.plan.asked,
    responses: state.plan.input.responses.length,
    rule: state.plan.rule,
  });
  return stop ? { state: { ...state, ended: true }, actions: [{ kind: 'answer', reason }] } : startWave(state, state.wave + 1);
}

function startWave(before: JudgementState, wave: number): Step {
  const tasks = before.plan.waves[wave] ?? [];
  const state = { ...before, wave, tasks: new Map([...before.tasks, ...tasks.map(({ taskId }) => [taskId, { stage: 'drawing' }] as const)]) };
  return { state, actions: tasks.map((task) => ({ kind: 'draw', task, wave, again: false })) };
}

/** The tasks of the wave being drawn. */
function currentTasks({ plan, wave }: JudgementState): readonly PlannedTask[] {
  return plan.waves[wave] ?? [];
}

function askAgain(state: JudgementState, planned: readonly PlannedTask[]): JudgementAction[] {
  return planned.flatMap((task): JudgementAction[] => {
    const { taskId } = task;
    const current = state.tasks.get(taskId);
    if (current?.stage === 'drawing') return [{ kind: 'draw', task, wave: state.wave, again: true }];
    if (current?.stage === 'checking') return [{ kind: 'check', taskId, samples: current.read.filter(({ judgement }) => judgement.valid), again: true }];
    return [];
  });
}

/** `13 samples of 32`, `the meta reward model to score 8 judgements` */
function waitedFor(state: JudgementState): string {
  const { plan, tasks } = state;
  const current = currentTasks(state);
  const drawing = sizeOf(current.filter(({ taskId }) => tasks.get(taskId)?.stage === 'drawing'));
  const checking = sizeOf(current.filter(({ taskId }) => tasks.get(taskId)?.stage === 'checking'));
  const samples = `${drawing} samples of ${plan.asked}; the samplers may be too few or too slow`;
  return drawing > 0 ? samples : `the meta reward model to score ${checking} judgements`;
}

/** Ends without a verdict, and calls back what still lies in the queue. */
function end(state: JudgementState, error: ErrorBody): Step {
  return { state: { ...state, ended: true }, actions: [{ kind: 'cancel' }, { kind: 'fail', error }] };
}

function withTask(state: JudgementState, taskId: string, task: TaskState): JudgementState {
  return { ...state, tasks: new Map([...state.tasks, [taskId, task]]) };
}

function sizeOf(tasks: readonly PlannedTask[]): number {
  return tasks.reduce((sum, { samples }) => sum + samples.length, 0);
}
