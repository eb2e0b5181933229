import type { GateReport } from '@grm/protocol';
import { describe, expect, it } from 'vitest';
import type { LiveJob } from '../../kubernetes/live-job.ts';
import { gateFacts } from './gate-facts.ts';

const gate = { suite: 'nanobench', items: 20, minAccuracy: 0.7, deadlineSeconds: 900 } as const;
const report: GateReport = { suite: 'nanobench', items: 20, accuracy: 0.85, low: 0.7, high: 0.95, picks: [], seed: 1, judgedAt: '2026-01-01T00:05:00.000Z' };
const unjudged: GateReport = { ...report, items: 7, error: '7 of 20 items judged: nobody answers' };
const startedAt = Date.parse('2026-01-01T00:00:00Z');

const job = (failed?: string): LiveJob => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { namespace: 'team', name: 'gate', creationTimestamp: '2026-01-01T00:00:00Z' },
  spec: {},
  status: { startTime: '2026-01-01T00:00:00Z', ...(failed === undefined ? {} : { conditions: [{ type: 'Failed', status: 'True', message: failed }] }) },
});

describe('a gate', () => {
  it.each([
    ['passes what is right often enough', report, { state: 'Passed' }],
    ['refuses what is not', { ...report, accuracy: 0.5 }, { state: 'Failed', message: '50.0 % of 20 items of nanobench right; minAccuracy is 70.0 %' }],
  ])('%s, whatever became of its Job', (_, found, expected) => {
    for (const made of [undefined, job(), job('it failed')]) expect(gateFacts(gate, found, made, true)).toMatchObject(expected);
  });

  it.each([
    ['another suite', { ...report, suite: 'nanobench-single' }],
    ['another number of items', { ...report, items: 10 }],
  ])('does not go by a report of %s: that is of another gate', (_, stale) => {
    expect(gateFacts(gate, stale, undefined, true)).toBeUndefined();
    expect(gateFacts(gate, stale, job(), true)).toEqual({ state: 'Running', startedAt });
  });

  it('waits for the next attempt where one could not judge, and says why', () => {
    expect(gateFacts(gate, unjudged, job(), true)).toEqual({ state: 'Running', startedAt, error: unjudged.error });
    expect(gateFacts(gate, unjudged, undefined, true)).toBeUndefined();
  });

  it('has failed once its Job has used its retries, for the reason of the last attempt', () => {
    expect(gateFacts(gate, unjudged, job('Job has reached the specified backoff limit'), true)).toEqual({ state: 'Failed', message: `the gate could not judge: ${unjudged.error ?? ''}` });
    expect(gateFacts(gate, undefined, job('Job was active longer than specified deadline'), true)).toEqual({ state: 'Failed', message: "the gate's Job gate failed: Job was active longer than specified deadline" });
  });

  it('takes no error for its own that lay there before its Job was made', () => {
    const before = { ...unjudged, judgedAt: '2025-12-31T00:00:00.000Z' };
    expect(gateFacts(gate, before, job(), true)).toEqual({ state: 'Running', startedAt });
    expect(gateFacts(gate, before, job('no node'), true)).toMatchObject({ message: "the gate's Job gate failed: no node" });
  });
});
