import type { RunProgress } from '@grm/protocol';
import { describe, expect, it } from 'vitest';
import { ProgressStore, QUIET_SECONDS } from './progress-store.ts';

const run = { namespace: 'team', run: 'nano' };
const at = (seconds: number): Date => new Date(Date.UTC(2026, 0, 1) + seconds * 1000);

function progress(change: Partial<RunProgress> = {}): string {
  return JSON.stringify({
    phase: 'Running',
    stages: [{ name: 'grpo', state: 'Running', step: 1, steps: 10 }],
    notices: [{ time: at(0).toISOString(), type: 'Normal', reason: 'Resumed', message: 'x' }],
    updatedAt: at(0).toISOString(),
    ...change,
  } satisfies RunProgress);
}

function storeWith(text: string, seconds = 0): ProgressStore {
  const store = new ProgressStore({ maxRuns: 10, now: at(0) });
  store.connected(at(0));
  store.accept({ run, text, heardAt: at(seconds) }, at(seconds));
  return store;
}

describe('what is known of a run', () => {
  it('is nothing at all while NATS is away, and the newest word again when it is back', () => {
    const store = storeWith(progress());
    store.disconnected(at(60));
    expect(store.fact(run)).toEqual({ kind: 'unavailable', since: at(60) });
    store.disconnected(at(70));
    expect(store.fact(run)).toEqual({ kind: 'unavailable', since: at(60) });
    store.connected(at(90));
    expect(store.fact(run)).toMatchObject({ kind: 'known', heardAt: at(0), listeningSince: at(90), progress: { phase: 'Running' } });
  });

  it('is of an evaluation what holds for whole suites', () => {
    const row = { suite: 'nanobench', method: 'vote@8', measure: 'accuracy', accuracy: 0.8, low: 0.7, high: 0.9, items: 100 } as const;
    const store = storeWith(progress({ evaluation: [row, { ...row, category: 'math' }] }));
    expect(store.fact(run)).toMatchObject({ progress: { evaluation: [row] } });
  });

  it('is nothing where the trainer has said nothing, or its word was deleted', () => {
    const store = storeWith(progress());
    expect(store.fact({ ...run, run: 'other' })).toEqual({ kind: 'none', listeningSince: at(0) });
    expect(store.accept({ run, text: undefined, heardAt: at(1) }, at(1))).toBe(true);
    expect(store.fact(run)).toEqual({ kind: 'none', listeningSince: at(0) });
  });

  it.each(['{', '{"phase":"Dreaming"}', `"${'x'.repeat(300_000)}"`])('is that it cannot be read, when the trainer is of another version', (text) => {
    expect(storeWith(text).fact(run)).toMatchObject({ kind: 'unreadable', heardAt: at(0) });
  });

  it('is forgotten of the run that was silent for longest, when there are too many', () => {
    const store = new ProgressStore({ maxRuns: 2, now: at(0) });
    store.connected(at(0));
    for (const name of ['a', 'b', 'a', 'c']) store.accept({ run: { namespace: 'team', run: name }, text: progress(), heardAt: at(0) }, at(0));
    expect(['a', 'b', 'c'].map((name) => store.fact({ namespace: 'team', run: name }).kind)).toEqual(['known', 'none', 'known']);
    expect(store.size).toBe(2);
  });
});

describe('somebody is told', () => {
  it.each<[string, Partial<RunProgress>]>([
    ['its phase', { phase: 'Complete' }],
    ["a stage's state", { stages: [{ name: 'grpo', state: 'Complete', step: 10, steps: 10 }] }],
    ['its trainer', { trainer: 'another' }],
    ['an artefact', { artifacts: { policy: { uri: 'file:///x', digest: 'sha256:1' } } }],
    ['a condition', { conditions: [{ type: 'KLWithinLimit', status: 'False', reason: 'RolledBack', message: '', lastTransitionTime: at(1).toISOString() }] }],
  ])('at once when %s changes', (_, change) => {
    expect(storeWith(progress()).accept({ run, text: progress(change), heardAt: at(1) }, at(1))).toBe(true);
  });

  it(`of a step every ${QUIET_SECONDS} s at most`, () => {
    const store = storeWith(progress());
    const step = (seconds: number): boolean => store.accept({ run, text: progress({ updatedAt: at(seconds).toISOString() }), heardAt: at(seconds) }, at(seconds));
    expect([5, 10, 15, 20, 25, 30].map(step)).toEqual([false, false, true, false, false, true]);
  });
});
