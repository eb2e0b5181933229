import type { LiveJob } from '../kubernetes/live-job.ts';
import { defined } from '../objects/defined.ts';
import { stampConditions } from '../status/stamp-conditions.ts';
import { accepted } from './conditions/accepted.ts';
import { deletionBlocked } from './conditions/deletion-blocked.ts';
import { complete, failed } from './conditions/ended.ts';
import { progressing } from './conditions/progressing.ts';
import type { ConditionOf, StatusInput } from './conditions/run-condition.ts';
import { scheduled } from './conditions/scheduled.ts';
import { storageReady } from './conditions/storage-ready.ts';
import { suspended } from './conditions/suspended.ts';
import { checkpointSaved, klWithinLimit } from './conditions/trainers-word.ts';
import type { RunGoal } from './decide-run.ts';
import { heardProgress } from './heard-progress.ts';
import { lastFailureOf } from './last-failure.ts';
import { phaseOf } from './phase-of.ts';
import { printedColumns } from './printed-columns.ts';
import type { TrainingRunStatus } from './status-types.ts';
import { suspensionOf } from './suspension-record.ts';
import { currentPod } from './trainer-pods.ts';

const conditions: readonly ConditionOf[] = [accepted, storageReady, scheduled, progressing, checkpointSaved, klWithinLimit, suspended, complete, failed, deletionBlocked];

/** The status as it is to be, computed anew. What only a trainer knows stays as it said it last while it cannot be heard. */
export function trainingRunStatus(input: StatusInput): TrainingRunStatus {
  const { facts, decision, problem } = input;
  const { status: before, run, now } = facts;
  const generation = run.metadata.generation ?? 0;
  const trained = defined(ofTrainer(input));
  const observed = problem === undefined ? generation : before.observedGeneration;
  return defined({
    observedGeneration: observed,
    phase: phaseOf(input),
    ...ofJob(input),
    finishedAt: decision.goal.kind === 'finished' ? decision.goal.end.at : undefined,
    ...trained,
    ...printedColumns(trained),
    suspension: suspensionOf(input),
    lastFailure: lastFailureOf(facts.pods) ?? before.lastFailure,
    conditions: stampConditions(
      conditions.flatMap((conditionOf) => conditionOf(input) ?? []),
      before.conditions,
      { now, generation },
    ),
  });
}

type Part = { readonly [Key in keyof TrainingRunStatus]: TrainingRunStatus[Key] | undefined };

/** What its Job says, or said. */
function ofJob({ facts, decision }: StatusInput): Part {
  const { status: before, job, plannedJob } = facts;
  const made = decision.actions.some(({ kind }) => kind === 'create-job') ? plannedJob : undefined;
  return {
    jobName: job?.metadata.name ?? made?.name ?? before.jobName,
    image: made?.image ?? before.image,
    startedAt: before.startedAt ?? job?.status?.startTime,
    restarts: job === undefined ? before.restarts : Math.max(retriedFailures(job, decision.goal), before.restarts ?? 0),
  };
}

/** The last failure of a Job that has failed was not followed by another try. */
function retriedFailures({ status }: LiveJob, goal: RunGoal): number {
  const failures = status?.failed ?? 0;
  return goal.kind === 'finished' && goal.end.kind === 'failed' ? Math.max(failures - 1, 0) : failures;
}

/** What its trainer says, or said. */
function ofTrainer({ facts }: StatusInput): Part {
  const { status: before, pods, progress: fact } = facts;
  const pod = currentPod(pods)?.metadata.name;
  const progress = heardProgress(facts);
  if (progress === undefined || fact.kind !== 'known') {
    const { stages, checkpoint, artifacts, evaluation, usage } = before;
    return { stages, checkpoint, artifacts, evaluation, usage, trainer: trainerOf(pod, before.trainer?.lastHeartbeat) };
  }
  const { stages, checkpoint, artifacts, evaluation, usage } = progress;
  return { stages, checkpoint, artifacts, evaluation, usage, trainer: trainerOf(pod, `${fact.heardAt.toISOString().slice(0, 19)}Z`) };
}

function trainerOf(pod: string | undefined, lastHeartbeat: string | undefined): TrainingRunStatus['trainer'] {
  if (pod === undefined && lastHeartbeat === undefined) return undefined;
  return { ...(pod === undefined ? {} : { pod }), ...(lastHeartbeat === undefined ? {} : { lastHeartbeat }) };
}
