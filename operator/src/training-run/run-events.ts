import type { StatusInput } from './conditions/run-condition.ts';
import type { LastFailure, Phase, TrainingRunStatus } from './status-types.ts';
import { nameOf } from './suspension-record.ts';

/** Something that happened to a run, for who runs the cluster: `kubectl describe grmrun`. */
export interface RunEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: EventReason;
  /** What the operator was doing. */
  readonly action: string;
  readonly message: string;
}

export type EventReason =
  | 'Created'
  | 'Started'
  | 'StageFinished'
  | 'CheckpointNotWritten'
  | 'RolledBack'
  | 'Suspending'
  | 'Suspended'
  | 'Resumed'
  | 'HeartbeatLost'
  | 'NodeLost'
  | 'TrainerFailed'
  | 'Completed'
  | 'Failed'
  | 'Expired'
  | 'CleanupFailed';

/** What is worth telling of a status that passes from one state into another. */
export function eventsOfChange(before: TrainingRunStatus, after: TrainingRunStatus): RunEvent[] {
  return [...fromPhases(before, after), ...fromTrainer(before, after)];
}

const normal = (reason: EventReason, action: string, message: string): RunEvent => ({ type: 'Normal', reason, action, message });
const warning = (reason: EventReason, action: string, message: string): RunEvent => ({ type: 'Warning', reason, action, message });

/** What is worth telling of what was done to a run. */
export function eventsOfActions({ decision, facts }: StatusInput): RunEvent[] {
  return decision.actions.flatMap((action): RunEvent[] => {
    if (action.kind === 'create-job') return [normal('Created', 'Create', `Job ${facts.plannedJob?.name ?? ''} is created`)];
    if (action.kind === 'evict-trainer') {
      const text = `the trainer in pod ${action.pod.metadata.name} has been silent for ${action.silentSeconds} s; it is evicted, and started again from its newest checkpoint`;
      return [warning('HeartbeatLost', 'Evict', text)];
    }
    if (action.kind === 'release-lost-pod') {
      const { metadata, spec } = action.pod;
      return [warning('NodeLost', 'Release', `pod ${metadata.name} was told to end and node ${spec?.nodeName ?? ''} does not answer; it is given up, which does not count as a failure`)];
    }
    if (action.kind === 'delete-run') return [normal('Expired', 'Delete', 'spec.ttlSecondsAfterFinished is over')];
    if (action.kind === 'remove-finalizer' && action.left !== undefined) {
      return [warning('CleanupFailed', 'Delete', `the run goes and leaves something behind: ${action.left}`)];
    }
    return [];
  });
}

function fromPhases(before: TrainingRunStatus, after: TrainingRunStatus): RunEvent[] {
  const resumed = before.suspension !== undefined && after.suspension === undefined && after.phase === 'Pending';
  const checkpoint = before.suspension?.checkpoint ?? (before.checkpoint === undefined ? undefined : nameOf(before.checkpoint));
  const goesOnFrom = checkpoint === undefined ? 'the beginning of its stage' : `checkpoint ${checkpoint}`;
  return [
    ...(resumed ? [normal('Resumed', 'Resume', `the run goes on from ${goesOnFrom}`)] : []),
    ...(before.phase === after.phase || after.phase === undefined ? [] : entering[after.phase](after)),
  ];
}

/** What is told of a run that comes into a phase. */
const entering: Readonly<Record<Phase, (status: TrainingRunStatus) => RunEvent[]>> = {
  Running: ({ trainer }) => [normal('Started', 'Train', `the trainer runs in pod ${trainer?.pod ?? ''}`)],
  Suspending: () => [normal('Suspending', 'Suspend', 'the trainer is asked to save a checkpoint')],
  Suspended: (status) => [normal('Suspended', 'Suspend', messageOf(status, 'Suspended'))],
  Complete: (status) => [normal('Completed', 'Train', completedText(status))],
  Failed: (status) => [warning('Failed', 'Train', messageOf(status, 'Failed'))],
  Pending: () => [],
  Queued: () => [],
  Deleting: () => [],
};

function fromTrainer(before: TrainingRunStatus, after: TrainingRunStatus): RunEvent[] {
  const wasRunning = (name: string): boolean => before.stages?.some((stage) => stage.name === name && stage.state === 'Running') === true;
  const finished = (after.stages ?? []).filter(({ name, state }) => state === 'Complete' && wasRunning(name));
  const turnedFalse = (type: string): boolean => isFalse(after, type) && !isFalse(before, type);
  return [
    ...finished.map(({ name, steps }) => normal('StageFinished', 'Train', `stage ${name} is complete after ${steps} steps`)),
    ...(turnedFalse('CheckpointSaved') ? [warning('CheckpointNotWritten', 'Train', messageOf(after, 'CheckpointSaved'))] : []),
    ...(turnedFalse('KLWithinLimit') ? [warning('RolledBack', 'Train', messageOf(after, 'KLWithinLimit'))] : []),
    ...fromFailure(before.lastFailure, after.lastFailure),
  ];
}

function fromFailure(before: LastFailure | undefined, after: LastFailure | undefined): RunEvent[] {
  if (after === undefined || (before !== undefined && before.pod === after.pod && before.time === after.time)) return [];
  const code = after.exitCode === undefined ? '' : `, exit code ${after.exitCode}`;
  const words = after.message === undefined ? '' : `: ${after.message.trim()}`;
  return [warning('TrainerFailed', 'Train', `pod ${after.pod ?? ''}: ${after.reason}${code}${words}`)];
}

const isFalse = ({ conditions = [] }: TrainingRunStatus, type: string): boolean => conditions.some((condition) => condition.type === type && condition.status === 'False');

const messageOf = ({ conditions = [] }: TrainingRunStatus, type: string): string => conditions.find((condition) => condition.type === type)?.message ?? '';

function completedText({ artifacts = {} }: TrainingRunStatus): string {
  const places = Object.entries(artifacts).map(([name, { uri }]) => `${name} at ${uri}`);
  return places.length === 0 ? 'all stages are done' : `all stages are done: ${places.join(', ')}`;
}
