import type { RunProgress, StageProgress } from '@grm/protocol';
import type { RunEvent } from './run-event.ts';

/** A run that has not begun. @param now ISO 8601 */
export const initialProgress = (stages: readonly string[], now: string): RunProgress => ({
  phase: 'Running',
  stages: stages.map((name) => ({ name, state: 'Pending', step: 0, steps: 0 })),
  updatedAt: now,
});

function reduceStage(stage: StageProgress, event: RunEvent, now: string): StageProgress {
  switch (event.type) {
    case 'stage-started':
      return { ...stage, state: 'Running', steps: event.steps, startedAt: now };
    case 'stage-advanced':
      return { ...stage, step: event.step, steps: event.steps, metrics: { ...stage.metrics, ...event.metrics } };
    case 'stage-finished':
      return { ...stage, state: event.state, finishedAt: now, metrics: { ...stage.metrics, ...event.metrics } };
    default:
      return stage;
  }
}

/** What is known of a run after one more event. @param now ISO 8601 */
export function reduceProgress(progress: RunProgress, event: RunEvent, now: string): RunProgress {
  const next: RunProgress = {
    ...progress,
    stages: progress.stages.map((stage) => ('stage' in event && event.stage === stage.name ? reduceStage(stage, event, now) : stage)),
    updatedAt: now,
  };
  if (event.type === 'artifact-saved') {
    return { ...next, artifacts: { ...progress.artifacts, [event.name]: { uri: event.uri, digest: event.digest } } };
  }
  if (event.type !== 'run-finished') return next;
  return { ...next, phase: event.phase, ...(event.message === undefined ? {} : { message: event.message }) };
}
