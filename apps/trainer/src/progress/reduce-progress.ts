import { type EvaluationRow, excerpt, noticesKept, type RunNotice, type RunProgress, type StageProgress } from '@grm/protocol';
import type { Moment, ProgressState } from './progress-state.ts';
import { usageAt, withWork } from './reduce-usage.ts';
import { conditionsAfter, longestMessage } from './run-conditions.ts';
import { isStageEvent, type RunEvent, type StageEvent, type StageMetrics } from './run-event.ts';

/** What is known of a run after one more event. */
export function reduceProgress(state: ProgressState, event: RunEvent, moment: Moment): ProgressState {
  const now = moment.time.toISOString();
  const next = {
    ...withoutSpentCheckpoint(state.progress, event),
    ...happened(state.progress, event, now),
    stages: state.progress.stages.map((stage) => (isStageEvent(event) && event.stage === stage.name ? reduceStage(stage, event, now) : stage)),
  };
  const progress = { ...next, conditions: conditionsAfter(event, next, now) };
  return atMoment({ ...state, ...withWork(state, event, moment), progress }, moment);
}

/** The same, later: time goes on and CPU time is used even where nothing happens. */
export function atMoment(state: ProgressState, moment: Moment): ProgressState {
  return { ...state, progress: { ...state.progress, usage: usageAt(state, moment), updatedAt: moment.time.toISOString() } };
}

/** The checkpoints of a stage go away when it is complete: the run then goes on from what the stage has left. */
function withoutSpentCheckpoint(progress: RunProgress, event: RunEvent): RunProgress {
  if (event.type !== 'stage-finished' || event.state !== 'Complete' || progress.checkpoint?.stage !== event.stage) return progress;
  const { checkpoint: _, ...rest } = progress;
  return rest;
}

/** What an event changes apart from stages, conditions and usage. */
function happened(progress: RunProgress, event: RunEvent, now: string): Partial<RunProgress> {
  if (event.type === 'checkpoint-saved') {
    const { stage, step, uri, digest } = event;
    return { checkpoint: { stage, step, time: now, uri, digest, verified: false } };
  }
  if (event.type === 'checkpoint-verified' && progress.checkpoint?.digest === event.digest) {
    return { checkpoint: { ...progress.checkpoint, verified: true } };
  }
  if (event.type === 'artifact-saved') {
    return { artifacts: { ...progress.artifacts, [event.name]: { uri: event.uri, digest: event.digest } } };
  }
  if (event.type === 'noticed') return { notices: [...(progress.notices ?? []), noticeOf(event, now)].slice(-noticesKept) };
  if (event.type === 'evaluated') return { evaluation: withRows(progress.evaluation ?? [], event.rows) };
  if (event.type !== 'run-finished') return {};
  return { phase: event.phase, ...(event.message === undefined ? {} : { message: excerpt(event.message, longestMessage) }) };
}

function noticeOf({ stage, notice }: Extract<RunEvent, { readonly type: 'noticed' }>, now: string): RunNotice {
  return { time: now, ...notice, message: excerpt(notice.message, longestMessage), ...(stage === undefined ? {} : { stage }) };
}

function reduceStage(stage: StageProgress, event: StageEvent, now: string): StageProgress {
  switch (event.type) {
    case 'stage-started': {
      const { finishedAt: _, ...begun } = stage;
      // As many steps as before: the same piece of work, which goes on. Else another piece, such as training after drawing.
      const step = stage.steps === event.steps ? stage.step : 0;
      return { ...begun, state: 'Running', step, steps: event.steps, startedAt: stage.startedAt ?? now };
    }
    case 'stage-advanced':
      return { ...stage, step: event.step, steps: event.steps, metrics: withMetrics(stage, event.metrics) };
    case 'stage-finished': {
      // A stage that an earlier trainer had finished is told of again; when, only that trainer knew.
      const finishedAt = stage.finishedAt ?? (stage.startedAt === undefined ? undefined : now);
      return { ...stage, state: event.state, metrics: withMetrics(stage, event.metrics), ...(finishedAt === undefined ? {} : { finishedAt }) };
    }
  }
}

/** The last value of each curve. What is no number now has none: JSON could not say it either. */
function withMetrics({ metrics }: StageProgress, measured: StageMetrics): Record<string, number> {
  return Object.fromEntries(Object.entries({ ...metrics, ...measured }).filter(([, value]) => Number.isFinite(value)));
}

/** Rows of what has been evaluated before are replaced: an evaluation that was cut short is done again. */
function withRows(rows: readonly EvaluationRow[], measured: readonly EvaluationRow[]): EvaluationRow[] {
  const same = (one: EvaluationRow, other: EvaluationRow): boolean =>
    one.suite === other.suite && one.method === other.method && one.category === other.category && one.measure === other.measure;
  return [...rows.filter((row) => !measured.some((other) => same(row, other))), ...measured];
}
