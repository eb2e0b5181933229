import type { ErrorBody, WriteSuccess } from '@grm/protocol';
import type { PlannedTask } from '../plan/judgement-plan.ts';
import type { RunEvent, RunStep } from '../work/run-event.ts';
import type { WritingPlan } from './writing-plan.ts';

/** Where one round of writing stands. */
export interface WritingState {
  readonly plan: WritingPlan;
  /** By task. */
  readonly written: ReadonlyMap<string, WriteSuccess>;
  readonly ended: boolean;
}

export type WritingEvent =
  | { readonly kind: 'written'; readonly result: WriteSuccess }
  | { readonly kind: 'write-failed'; readonly taskId: string; readonly error: ErrorBody }
  | RunEvent;

/** `again`: the task was asked for before, and its answer may have been lost. */
export type WritingAction =
  | { readonly kind: 'write'; readonly task: PlannedTask; readonly again: boolean }
  | { readonly kind: 'cancel' }
  /** All is written, in the order of the plan's tasks. */
  | { readonly kind: 'done'; readonly results: readonly WriteSuccess[] }
  | { readonly kind: 'fail'; readonly error: ErrorBody };

type Step = RunStep<WritingState, WritingAction>;

export function beginWriting(plan: WritingPlan): Step {
  return { state: { plan, written: new Map(), ended: false }, actions: plan.tasks.map((task) => ({ kind: 'write', task, again: false })) };
}

/**
 * What follows from an event. Events that come twice, late or uncalled for change nothing. One task that fails ends the round: with fewer
 * candidates the same request could come to another answer.
 */
export function writingStep(state: WritingState, event: WritingEvent): Step {
  if (state.ended) return { state, actions: [] };
  switch (event.kind) {
    case 'written':
      return onWritten(state, event.result);
    case 'write-failed':
      return missing(state).some(({ taskId }) => taskId === event.taskId) ? end(state, event.error) : { state, actions: [] };
    case 'reconnected':
      return { state, actions: askAgain(missing(state)) };
    case 'answer-lost':
      return { state, actions: askAgain(missing(state).filter(({ taskId }) => taskId === event.taskId)) };
    case 'deadline':
      return end(state, { code: 'deadline-exceeded', message: `The deadline passed while waiting for ${waitedFor(state)}; the samplers may be too few or too slow` });
    case 'abandoned':
      return end(state, event.error);
  }
}

function onWritten(before: WritingState, result: WriteSuccess): Step {
  if (missing(before).every(({ taskId }) => taskId !== result.taskId)) return { state: before, actions: [] };
  const state = { ...before, written: new Map([...before.written, [result.taskId, result]]) };
  if (missing(state).length > 0) return { state, actions: [] };
  const results = state.plan.tasks.flatMap(({ taskId }) => state.written.get(taskId) ?? []);
  return { state: { ...state, ended: true }, actions: [{ kind: 'done', results }] };
}

/** The tasks that are still to be answered. */
function missing({ plan, written }: WritingState): readonly PlannedTask[] {
  return plan.tasks.filter(({ taskId }) => !written.has(taskId));
}

function askAgain(tasks: readonly PlannedTask[]): WritingAction[] {
  return tasks.map((task) => ({ kind: 'write', task, again: true }));
}

/** `6 answers of 14` */
function waitedFor(state: WritingState): string {
  const count = (tasks: readonly PlannedTask[]) => tasks.reduce((sum, { samples }) => sum + samples.length, 0);
  return `${count(missing(state))} answers of ${count(state.plan.tasks)}`;
}

/** Ends without answers, and calls back what still lies in the queue. */
function end(state: WritingState, error: ErrorBody): Step {
  return { state: { ...state, ended: true }, actions: [{ kind: 'cancel' }, { kind: 'fail', error }] };
}
