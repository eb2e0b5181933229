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

it('the states that a new Job passes through within a moment are not written one by one', () => {
  const pending = (reason: string): TrainingRunStatus => ({ phase: 'Pending', image: reason });
  expect(write({}, pending('a'), 1.5)).toEqual({ kind: 'now' });
  expect(write(pending('a'), pending('b'), 1.5)).toEqual({ kind: 'later', seconds: 4.5 });
  expect(write(pending('a'), pending('b'), 6)).toEqual({ kind: 'now' });
  expect(write(pending('a'), { ...pending('b'), phase: 'Running' }, 1.5)).toEqual({ kind: 'now' });
});
