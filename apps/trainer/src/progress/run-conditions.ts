import { excerpt, runConditionTypes, type RunCondition, type RunProgress } from '@grm/protocol';
import type { ConditionChange, RunEvent } from './run-event.ts';

/** The reason of notices that say that a checkpoint could not be written. */
export const checkpointNotWritten = 'CheckpointNotWritten';

/** Characters of a message that are kept. */
export const longestMessage = 1_000;

type Finish = Extract<RunEvent, { type: 'run-finished' }>;

/** The conditions of a run that a trainer begins to work on. @param now ISO 8601 */
export function runningConditions(previous: RunProgress | undefined, now: string): RunCondition[] {
  const progressing: ConditionChange =
    previous === undefined
      ? { type: 'Progressing', status: 'True', reason: 'Started', message: 'a trainer works on the run' }
      : { type: 'Progressing', status: 'True', reason: 'Resumed', message: `a trainer goes on with the run, which was ${previous.phase}` };
  const notYet = { status: 'False', reason: 'Running', message: '' } as const;
  return changed(previous?.conditions ?? [], [progressing, { type: 'Complete', ...notYet }, { type: 'Failed', ...notYet }], now);
}

/** The conditions after an event. @param progress as it is after the event, but for its conditions */
export function conditionsAfter(event: RunEvent, progress: RunProgress, now: string): RunCondition[] {
  return changed(progress.conditions ?? [], changesBy(event, progress), now);
}

function changesBy(event: RunEvent, progress: RunProgress): ConditionChange[] {
  if (event.type === 'stage-started') return [{ type: 'Progressing', status: 'True', reason: 'StageRunning', message: `stage ${event.stage}` }];
  if (event.type === 'checkpoint-saved') return [{ type: 'CheckpointSaved', status: 'True', reason: 'Saved', message: `${event.stage} step ${event.step}` }];
  if (event.type === 'noticed' && event.notice.reason === checkpointNotWritten) {
    return [{ type: 'CheckpointSaved', status: 'False', reason: checkpointNotWritten, message: event.notice.message }];
  }
  if (event.type === 'condition-changed') return [event.condition];
  return event.type === 'run-finished' ? finished(event, progress) : [];
}

/** How a run ended; Progressing, Complete and Failed tell it alike. */
function finished({ phase, message = '' }: Finish, { stages }: RunProgress): ConditionChange[] {
  const because = { reason: phase === 'Complete' ? 'StagesComplete' : phase, message };
  const failure = { reason: stages.some(({ state }) => state === 'Failed') ? 'StageFailed' : 'RunFailed', message };
  return [
    { type: 'Progressing', status: 'False', ...(phase === 'Failed' ? failure : because) },
    { type: 'Complete', status: phase === 'Complete' ? 'True' : 'False', ...(phase === 'Failed' ? failure : because) },
    { type: 'Failed', status: phase === 'Failed' ? 'True' : 'False', ...(phase === 'Failed' ? failure : because) },
  ];
}

/** Each type once, in the order of the closed set. The time of a transition stays where the status does. */
function changed(conditions: readonly RunCondition[], changes: readonly ConditionChange[], now: string): RunCondition[] {
  return runConditionTypes.flatMap((type): RunCondition[] => {
    const before = conditions.find((condition) => condition.type === type);
    const change = changes.findLast((candidate) => candidate.type === type);
    if (change === undefined) return before === undefined ? [] : [before];
    const lastTransitionTime = before?.status === change.status ? before.lastTransitionTime : now;
    return [{ ...change, message: excerpt(change.message, longestMessage), lastTransitionTime }];
  });
}
