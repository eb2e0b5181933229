import { expect, it } from 'vitest';
import type { TrainingRunStatus } from './status-types.ts';
import { at, job, time } from './testing/facts.fixture.ts';
import { whenToWrite } from './when-to-write.ts';

const status = (step: number, heard: number, change: Partial<TrainingRunStatus> = {}): TrainingRunStatus => ({
  phase: 'Running',
  stages: [{ name: 'grpo', state: 'Running', step, steps: 100 }],
  trainer: { pod: 'a', lastHeartbeat: time(heard) },
  ...change,
});
const write = (before: TrainingRunStatus, after: TrainingRunStatus, now = 1000) => whenToWrite(before, after, { job: job(), now: at(now) });

it('nothing is written that is there already, whatever the order of its fields', () => {
  expect(write(status(1, 0), status(1, 0))).toEqual({ kind: 'never' });
  expect(write({ phase: 'Running', jobName: 'a' }, { jobName: 'a', phase: 'Running' })).toEqual({ kind: 'never' });
});

it.each<[string, Partial<TrainingRunStatus>]>([
  ['its phase', { phase: 'Suspending' }],
  ["a stage's state", { stages: [{ name: 'grpo', state: 'Complete', step: 1, steps: 100 }] }],
  ['its pod', { trainer: { pod: 'b', lastHeartbeat: time(1) } }],
  ['a failure', { lastFailure: { pod: 'a', container: 'trainer', reason: 'Error', time: time(1) } }],
])('what changes the state of a run is written at once: %s', (_, change) => {
  expect(write(status(1, 0), status(1, 1, change))).toEqual({ kind: 'now' });
});

it('steps are written every 15 s, a heartbeat alone every minute', () => {
  expect(write(status(1, 0), status(5, 10))).toEqual({ kind: 'later', seconds: 5 });
  expect(write(status(1, 0), status(5, 15))).toEqual({ kind: 'now' });
  expect(write(status(1, 0), status(1, 15))).toEqual({ kind: 'later', seconds: 45 });
  expect(write(status(1, 0), status(1, 60))).toEqual({ kind: 'now' });
});

type Condition = NonNullable<TrainingRunStatus['conditions']>[number];
const pending = (image: string, change: Partial<TrainingRunStatus> = {}): TrainingRunStatus => ({ phase: 'Pending', image, ...change });
const saying = (type: string, status: Condition['status'], reason: string): Partial<TrainingRunStatus> => ({ conditions: [{ type, status, reason, message: '', lastTransitionTime: time(0) }] });

it('the states that a new Job passes through on the way to its pod are not written one by one', () => {
  expect(write({}, pending('a'), 1.5)).toEqual({ kind: 'now' });
  expect(write(pending('a'), pending('b'), 1.5)).toEqual({ kind: 'later', seconds: 29.5 });
  // Its Job has been seen, and none of its pods has failed.
  expect(write(pending('a'), pending('a', { restarts: 0 }), 6)).toEqual({ kind: 'later', seconds: 25 });
  expect(write(pending('a'), pending('b', saying('Scheduled', 'False', 'WaitingForQueue')), 6)).toEqual({ kind: 'later', seconds: 25 });
  expect(write(pending('a'), pending('b', saying('Scheduled', 'True', 'Scheduled')), 31)).toEqual({ kind: 'now' });
  expect(write(pending('a'), { ...pending('b'), phase: 'Running' }, 1.5)).toEqual({ kind: 'now' });
});

it.each<[string, Partial<TrainingRunStatus>]>([
  ['no node has its GPUs', saying('Scheduled', 'False', 'InsufficientGPU')],
  ['no node fits', saying('Scheduled', 'False', 'Unschedulable')],
  ['its image cannot be pulled', saying('Progressing', 'False', 'ImagePull')],
  ['its volume is gone', saying('StorageReady', 'False', 'ClaimLost')],
  ['it may not start', saying('Accepted', 'False', 'InvalidSpec')],
  ['a pod has failed', { lastFailure: { pod: 'a', container: 'trainer', reason: 'Error', time: time(1) } }],
  ['its spec has changed', { observedGeneration: 2 }],
])('what somebody looks out for is written after five seconds: %s', (_, change) => {
  const quiet = pending('a', saying('Scheduled', 'Unknown', 'WaitingForPod'));
  expect(write(quiet, { ...quiet, ...change }, 1.5)).toEqual({ kind: 'later', seconds: 4.5 });
  expect(write(quiet, { ...quiet, ...change }, 6)).toEqual({ kind: 'now' });
});

it('trouble that is over, is told in other words, or is a volume that is being made, is nothing to hurry for', () => {
  const troubled = (words: string) => pending('a', { conditions: [{ type: 'Scheduled', status: 'False', reason: 'Unschedulable', message: words, lastTransitionTime: time(0) }] });
  expect(write(troubled('0/1 nodes'), pending('a', saying('Scheduled', 'True', 'Scheduled')), 6)).toEqual({ kind: 'later', seconds: 25 });
  expect(write(troubled('0/1 nodes'), troubled('0/2 nodes'), 6)).toEqual({ kind: 'later', seconds: 25 });
  expect(write(troubled('0/1 nodes'), troubled('0/2 nodes'), 31)).toEqual({ kind: 'now' });
  const quiet = pending('a', saying('Scheduled', 'Unknown', 'WaitingForPod'));
  const unbound = '0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found';
  expect(write(quiet, troubled(unbound), 6)).toEqual({ kind: 'later', seconds: 25 });
  expect(write(quiet, troubled(unbound), 31)).toEqual({ kind: 'now' });
});
