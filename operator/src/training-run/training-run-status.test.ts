import type { RunProgress } from '@grm/protocol';
import { describe, expect, it } from 'vitest';
import { NATS_GRACE_SECONDS } from '../nats/progress/progress-fact.ts';
import { reasons } from './conditions/reasons.ts';
import type { Problem } from './conditions/run-condition.ts';
import { decideRun } from './decide-run.ts';
import type { RunFacts } from './run-facts.ts';
import { conditionTypes, type ConditionType, type TrainingRunStatus } from './status-types.ts';
import { at, deployment, facts, job, jobCondition, pod, progress, run, runningPod, time } from './testing/facts.fixture.ts';
import { trainingRunStatus } from './training-run-status.ts';

const statusOf = (given: RunFacts, problem?: Problem): TrainingRunStatus => trainingRunStatus({ facts: given, decision: decideRun(given), ...(problem === undefined ? {} : { problem }) });

/** `True/Reason`, or `-` where there is no such condition. */
function conditionOf(given: RunFacts, type: ConditionType, problem?: Problem): string {
  const found = statusOf(given, problem).conditions?.find((condition) => condition.type === type);
  expect(found === undefined || reasons[type].some((reason) => reason === found.reason)).toBe(true);
  return found === undefined ? '-' : `${found.status}/${found.reason}`;
}

const started: TrainingRunStatus = { jobName: 'grm-nano-trainer', startedAt: time(1) };
const running = { job: job(), pods: [runningPod()], status: started };
const requested = { requestedAt: time(10), acknowledged: false };
const stopped = { status: { ...started, suspension: requested }, job: job({}, { suspend: true }), wishes: { suspend: true } } as const;
const complete = job({ conditions: [jobCondition('Complete', 'CompletionsReached')], completionTime: time(50) });
const unschedulable = (message: string) => pod({ conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }] });
const waiting = (reason: string) => pod({ node: 'a100-0', state: { waiting: { reason, message: `${reason}!` } } });
const crashed = pod({ name: 'crashed', phase: 'Failed', state: { terminated: { exitCode: 1, reason: 'Error', message: 'out of memory\n', finishedAt: time(9) } } });
const claim = (phase: 'Pending' | 'Bound' | 'Lost') => ({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { namespace: 'team', name: 'grm-nano-trainer' }, status: { phase } });

const deleted = { run: run({ deletionTimestamp: time(9) }), status: started };
const away = (seconds: number) => ({ progress: { kind: 'unavailable', since: at(10 - seconds) } }) as const;
const klRolledBack = progress({ conditions: [{ type: 'KLWithinLimit', status: 'False', reason: 'RolledBack', message: 'strayed', lastTransitionTime: time(5) }] });
const saved = (status: 'True' | 'False') => progress({ conditions: [{ type: 'CheckpointSaved', status, reason: 'x', message: 'y', lastTransitionTime: time(5) }] });

const table: readonly [ConditionType, string, RunFacts, string][] = [
  ['Accepted', 'new', facts(), 'True/Accepted'],
  ['Accepted', 'not understood', facts({ spec: { kind: 'invalid', message: 'x' } }), 'False/InvalidSpec'],
  ['Accepted', 'base under way', facts({ base: { kind: 'waiting', name: 'b', phase: 'Running' } }), 'False/WaitingForRun'],
  ['Accepted', 'base under way, and suspended', facts({ base: { kind: 'waiting', name: 'b', phase: 'Running' }, wishes: { suspend: true } }), 'False/WaitingForRun'],
  ['Accepted', 'no base', facts({ base: { kind: 'missing', name: 'b' } }), 'False/RunNotFound'],
  ['Accepted', 'base failed', facts({ base: { kind: 'failed', name: 'b', message: 'x' } }), 'False/RunFailed'],
  ['StorageReady', 'no claim', facts(), '-'],
  ['StorageReady', 'bound', facts({ claim: claim('Bound') }), 'True/Bound'],
  ['StorageReady', 'no volume yet', facts({ claim: claim('Pending') }), 'Unknown/ClaimPending'],
  ['StorageReady', 'volume gone', facts({ claim: claim('Lost') }), 'False/ClaimLost'],
  ['Scheduled', 'no pod', facts({ job: job() }), 'Unknown/WaitingForPod'],
  ['Scheduled', 'new pod', facts({ job: job(), pods: [pod()] }), 'Unknown/WaitingForPod'],
  ['Scheduled', 'on a node', facts({ job: job(), pods: [pod({ node: 'a100-0' })] }), 'True/Scheduled'],
  ['Scheduled', 'no GPU', facts({ job: job(), pods: [unschedulable('0/2 nodes are available: 2 Insufficient nvidia.com/gpu.')] }), 'False/InsufficientGPU'],
  ['Scheduled', 'no node', facts({ job: job(), pods: [unschedulable('0/2 nodes are available: 2 node(s) had untolerated taint(s).')] }), 'False/Unschedulable'],
  ['Scheduled', 'in a queue', facts({ wishes: { queueName: 'q' }, job: job({}, { suspend: true }) }), 'False/WaitingForQueue'],
  ['Scheduled', 'suspended', facts(stopped), 'False/Suspended'],
  ['Scheduled', 'ended', facts({ status: started, job: complete }), '-'],
  ['Progressing', 'new', facts(), 'Unknown/Starting'],
  ['Progressing', 'held', facts({ base: { kind: 'missing', name: 'b' } }), 'False/NotAccepted'],
  ['Progressing', 'no GPU', facts({ job: job(), pods: [unschedulable('Insufficient nvidia.com/gpu')] }), 'False/NotScheduled'],
  ['Progressing', 'no image', facts({ job: job(), pods: [waiting('ImagePullBackOff')] }), 'False/ImagePull'],
  ['Progressing', 'no Secret', facts({ job: job(), pods: [waiting('CreateContainerConfigError')] }), 'False/ContainerNotCreated'],
  ['Progressing', 'being made', facts({ job: job(), pods: [waiting('ContainerCreating')] }), 'Unknown/Starting'],
  ['Progressing', 'says nothing yet', facts(running), 'Unknown/Starting'],
  ['Progressing', 'trains', facts({ ...running, progress: progress() }), 'True/StageRunning'],
  ['Progressing', 'word of a namesake', facts({ ...running, progress: progress({}, -5) }), 'Unknown/Starting'],
  ['Progressing', 'not understood', facts({ ...running, progress: { kind: 'unreadable', message: 'x', heardAt: at(5), listeningSince: at(0) } }), 'Unknown/ProgressUnreadable'],
  ['Progressing', 'failed once', facts({ status: started, job: job({ active: 1, failed: 1 }), pods: [crashed] }), 'False/TrainerFailed'],
  ['Progressing', 'lost with its node', facts({ status: started, job: job({ active: 1 }), pods: [crashed] }), 'Unknown/Starting'],
  ['Progressing', 'silent', facts({ ...running, progress: progress(), now: at(400) }), 'False/HeartbeatLost'],
  ['Progressing', 'NATS away', facts({ ...running, ...away(NATS_GRACE_SECONDS) }), 'Unknown/NatsUnavailable'],
  ['Progressing', 'being suspended', facts({ ...running, wishes: { suspend: true } }), 'False/Suspending'],
  ['Progressing', 'suspended', facts(stopped), 'False/Suspended'],
  ['Progressing', 'ended', facts({ status: started, job: complete }), 'False/Finished'],
  ['Progressing', 'going', facts(deleted), 'False/Deleting'],
  ['CheckpointSaved', 'none yet', facts({ ...running, progress: progress() }), '-'],
  ['CheckpointSaved', 'saved', facts({ ...running, progress: saved('True') }), 'True/Saved'],
  ['CheckpointSaved', 'not saved', facts({ ...running, progress: saved('False') }), 'False/CheckpointNotWritten'],
  ['KLWithinLimit', 'never strayed', facts({ ...running, progress: progress() }), '-'],
  ['KLWithinLimit', 'strayed', facts({ ...running, progress: klRolledBack }), 'False/RolledBack'],
  ['Suspended', 'not', facts(running), 'False/NotSuspended'],
  ['Suspended', 'asked', facts({ ...running, wishes: { suspend: true } }), 'False/Suspending'],
  ['Suspended', 'is', facts(stopped), 'True/Suspended'],
  ['Suspended', 'before it started', facts({ wishes: { suspend: true } }), 'True/Suspended'],
  ['Complete', 'under way', facts(running), 'False/NotComplete'],
  ['Complete', 'is', facts({ status: started, job: complete }), 'True/StagesComplete'],
  ['Complete', 'failed', facts({ status: started, job: job({ conditions: [jobCondition('Failed', 'DeadlineExceeded')] }) }), 'False/Failed'],
  ['Failed', 'under way', facts(running), 'False/NotFailed'],
  ['Failed', 'too often', facts({ status: started, job: job({ conditions: [jobCondition('Failed', 'BackoffLimitExceeded')] }) }), 'True/BackoffLimitExceeded'],
  ['Failed', 'refused by the trainer', facts({ status: started, job: job({ conditions: [jobCondition('Failed', 'PodFailurePolicy')] }) }), 'True/InvalidRun'],
  ['DeletionBlocked', 'under way', facts(running), '-'],
  ['DeletionBlocked', 'pods', facts({ ...deleted, pods: [runningPod()] }), 'True/ReleasingPods'],
  ['DeletionBlocked', 'samplers', facts({ ...deleted, rollouts: deployment() }), 'True/ReleasingPods'],
  ['DeletionBlocked', 'NATS', facts(deleted), 'True/CleaningUp'],
];

describe('the conditions of a run', () => {
  it.each(table)('%s: %s', (type, _, given, expected) => {
    expect(conditionOf(given, type)).toBe(expected);
  });

  it('are all in the table', () => {
    expect(new Set(table.map(([type]) => type))).toEqual(new Set(conditionTypes));
  });

  it('say what the API server or NATS will not do', () => {
    expect(conditionOf(facts(), 'Progressing', { reason: 'ApplyFailed', message: 'exceeded quota' })).toBe('False/ApplyFailed');
    expect(conditionOf(facts(), 'Progressing', { reason: 'NatsUnavailable', message: 'NATS is away' })).toBe('Unknown/NatsUnavailable');
  });
});

describe('the phase of a run', () => {
  it.each([
    ['Pending', facts()],
    ['Pending', facts({ base: { kind: 'missing', name: 'b' } })],
    ['Queued', facts({ wishes: { queueName: 'q' }, job: job({}, { suspend: true }) })],
    ['Running', facts(running)],
    ['Suspending', facts({ ...running, wishes: { suspend: true } })],
    ['Suspended', facts(stopped)],
    ['Complete', facts({ status: started, job: complete })],
    ['Failed', facts({ status: started, job: job({ conditions: [jobCondition('Failed', 'DeadlineExceeded')] }) })],
    ['Deleting', facts(deleted)],
  ] as const)('%s', (phase, given) => {
    expect(statusOf(given).phase).toBe(phase);
  });
});

describe('the status of a run', () => {
  const checkpoint = { stage: 'grpo', step: 7, time: time(4), uri: 'nats://grm-checkpoints/team.nano/grpo-00000007-ab.safetensors', digest: 'sha256:ab', verified: true };
  const trained = progress({ checkpoint, artifacts: { policy: { uri: 'nats://grm-models/team.nano/policy', digest: 'sha256:cd' } } });

  it('has what the trainer says', () => {
    expect(statusOf(facts({ ...running, progress: trained }))).toMatchObject({
      stages: [{ name: 'grpo', step: 1 }],
      checkpoint: { step: 7 },
      artifacts: { policy: { digest: 'sha256:cd' } },
      trainer: { pod: 'grm-nano-trainer-a', lastHeartbeat: time(5) },
    });
  });

  it('loses nothing of it while NATS is away, and says that it may be old only after a while', () => {
    const before = { ...started, ...statusOf(facts({ ...running, progress: trained })) };
    const { conditions, ...soon } = statusOf(facts({ ...running, status: before, ...away(1) }));
    expect(soon).toMatchObject({ stages: before.stages, checkpoint, artifacts: before.artifacts, trainer: before.trainer });
    const later = statusOf(facts({ ...running, status: before, ...away(60) }));
    expect(later).toMatchObject({ stages: before.stages, checkpoint, artifacts: before.artifacts });
    expect(conditions?.find(({ type }) => type === 'Progressing')).toMatchObject({ status: 'True', reason: 'StageRunning' });
    expect(later.conditions?.find(({ type }) => type === 'Progressing')).toMatchObject({ status: 'Unknown', reason: 'NatsUnavailable' });
  });

  it('keeps how the trainer failed when its pod is gone', () => {
    const failure = { pod: 'crashed', container: 'trainer', reason: 'Error', exitCode: 1, time: time(9), message: 'out of memory\n' };
    const failed = statusOf(facts({ status: started, job: job({ active: 1, failed: 1 }), pods: [crashed] }));
    expect(failed).toMatchObject({ lastFailure: failure, restarts: 1 });
    expect(statusOf(facts({ ...running, status: { ...started, ...failed } }))).toMatchObject({ lastFailure: failure, restarts: 1 });
  });

  it('takes a trainer that was told to stop for no failure', () => {
    const stop = pod({ name: 'stopped', phase: 'Failed', state: { terminated: { exitCode: 75, reason: 'Error', finishedAt: time(9) } } });
    expect(statusOf(facts({ status: started, job: job({ active: 1 }), pods: [stop] })).lastFailure).toBeUndefined();
  });

  it('says what a failed run died of', () => {
    const failed = statusOf(facts({ status: started, job: job({ failed: 4, conditions: [jobCondition('Failed', 'BackoffLimitExceeded', 'Job has reached the specified backoff limit')] }), pods: [crashed] }));
    expect(failed).toMatchObject({ restarts: 3, finishedAt: time(50) });
    expect(failed.conditions?.find(({ type }) => type === 'Failed')?.message).toBe(
      'Job has reached the specified backoff limit; pod crashed ended last: Error, exit code 1: out of memory',
    );
  });

  it('names the checkpoint that a suspended run goes on from', () => {
    const saidLast: RunProgress = { phase: 'Suspended', stages: [], checkpoint, updatedAt: time(20) };
    const answer: RunFacts['suspendCall'] = { kind: 'done', value: { kind: 'suspended', progress: saidLast } };
    const before = statusOf(facts({ ...stopped, suspendCall: answer }));
    expect(before.suspension).toEqual({ ...requested, acknowledged: true, checkpoint: 'grpo-00000007-ab.safetensors' });
    expect(before.conditions?.find(({ type }) => type === 'Suspended')?.message).toContain('goes on from checkpoint grpo-00000007-ab.safetensors when');
    expect(statusOf(facts({ ...stopped, wishes: {}, status: { ...started, ...before } })).suspension).toBeUndefined();
  });

  it('observes a generation only when it could be followed', () => {
    const second = { run: run({ generation: 2 }), status: { observedGeneration: 1 } };
    expect(statusOf(facts(second)).observedGeneration).toBe(2);
    expect(statusOf(facts(second), { reason: 'ApplyFailed', message: 'x' }).observedGeneration).toBe(1);
  });

  it('names Job and image as soon as the Job is made, and keeps the image of then', () => {
    expect(statusOf(facts())).toMatchObject({ jobName: 'grm-nano-trainer', image: 'grm:1' });
    expect(statusOf(facts({ ...running, status: { ...started, image: 'grm:0' } })).image).toBe('grm:0');
  });
});
