import { pino } from 'pino';
import { afterEach, expect, test } from 'vitest';
import { ApiError } from '../api/api-error.ts';
import { ManualClock } from '../time/manual-clock.fixture.ts';
import { LeaderElector, LeadershipLostError, type LeaderElectorContext } from './leader-elector.ts';
import { LeaseStore } from './lease-store.fixture.ts';

/** The defaults: a lease of 15 s, given up after 10 s without renewal, tried every 2 s. */
interface Candidate {
  readonly clock: ManualClock;
  readonly leads: () => boolean;
  /** How the run ended: absent while it goes on, null when well. */
  readonly end: () => Error | null | undefined;
  readonly stop: AbortController;
}

const candidates: Candidate[] = [];
afterEach(async () => {
  for (const { stop, clock } of candidates.splice(0)) {
    stop.abort();
    await clock.advance(0);
  }
});

/** @param lingerMs how long its work takes to end once it is told to */
function candidate(identity: string, client: LeaderElectorContext['client'], lingerMs = 0): Candidate {
  const clock = new ManualClock();
  const stop = new AbortController();
  let leading = false;
  let end: Error | null | undefined;
  const elector = new LeaderElector({ namespace: 'n', name: 'operator', identity }, { client, clock, random: () => 0, log: pino({ level: 'silent' }) });
  const lead = async (signal: AbortSignal): Promise<void> => {
    leading = true;
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    if (lingerMs > 0) await clock.sleep(lingerMs);
    leading = false;
  };
  elector.run(stop.signal, lead).then(
    () => (end = null),
    (error: unknown) => (end = error instanceof Error ? error : new Error(String(error))),
  );
  const made = { clock, leads: () => leading, end: () => end, stop };
  candidates.push(made);
  return made;
}

/** Time passes for all of them alike. */
async function pass(seconds: number, ...of: readonly Candidate[]): Promise<void> {
  for (let ms = 0; ms < seconds * 1000; ms += 100) for (const { clock } of of) await clock.advance(100);
}

const unreachable = async (): Promise<void> => {
  throw new ApiError('cut off', { status: 0, reason: 'Unreachable' });
};

test('the first leads and renews, and the second waits as long as it does', async () => {
  const store = new LeaseStore();
  const first = candidate('first', store.client());
  await pass(1, first);
  const second = candidate('second', store.client());
  await pass(120, first, second);
  expect([first.leads(), second.leads()]).toEqual([true, false]);
  expect(store.lease?.spec).toMatchObject({ holderIdentity: 'first', leaseDurationSeconds: 15, leaseTransitions: 0 });
});

test('a leader that is told to stop lets the next start at its next try', async () => {
  const store = new LeaseStore();
  const first = candidate('first', store.client());
  await pass(1, first);
  const second = candidate('second', store.client());
  await pass(5, first, second);
  first.stop.abort();
  await pass(2.1, first, second);
  expect([first.end(), second.leads()]).toEqual([null, true]);
  expect(store.lease?.spec).toMatchObject({ holderIdentity: 'second', leaseTransitions: 1 });
});

test('a leader whose work takes longer to end than its lease lasts keeps the lease until then', async () => {
  const store = new LeaseStore();
  const first = candidate('first', store.client(), 40_000);
  await pass(1, first);
  const second = candidate('second', store.client());
  await pass(3, first, second);
  first.stop.abort();
  await pass(39, first, second);
  expect([first.leads(), second.leads()]).toEqual([true, false]);
  await pass(4, first, second);
  expect([first.leads(), second.leads()]).toEqual([false, true]);
});

test('a leader that is cut off has stopped well before another leads, whichever asks first', async () => {
  const store = new LeaseStore();
  let cut = false;
  const first = candidate('first', store.client({ before: () => (cut ? unreachable() : Promise.resolve()) }));
  await pass(1, first);
  const second = candidate('second', store.client());
  await pass(3, first, second);
  cut = true;
  let together = false;
  let passed = 0;
  for (; !second.leads() && passed < 60; passed++) {
    await pass(1, first, second);
    together ||= first.leads() && second.leads();
  }
  expect(together).toBe(false);
  expect(first.end()).toBeInstanceOf(LeadershipLostError);
  // Lease and retry, and the time since the last renewal.
  expect(passed).toBeLessThanOrEqual(15 + 2 + 2);
});

test('a leader whose renewal hangs stops when it has not renewed for ten seconds', async () => {
  const store = new LeaseStore();
  let hangs = false;
  const first = candidate('first', store.client({ before: () => (hangs ? new Promise(() => undefined) : Promise.resolve()) }));
  await pass(1, first);
  hangs = true;
  // The last renewal may have been up to two seconds ago.
  await pass(7.5, first);
  expect(first.leads()).toBe(true);
  await pass(3, first);
  expect(first.leads()).toBe(false);
});

test('a leader whose event loop stood still stops before its lease can be taken, and before its work goes on', async () => {
  const store = new LeaseStore();
  const first = candidate('first', store.client());
  await pass(4.5, first);
  const second = candidate('second', store.client());
  await pass(1, first, second);
  first.clock.stall(12_000);
  await pass(12, second);
  expect(second.leads()).toBe(false);
  await first.clock.advance(0);
  expect([first.leads(), second.leads()]).toEqual([false, false]);
  await pass(6, first, second);
  expect(second.leads()).toBe(true);
});

test('a leader whose event loop stood still for longer than its lease finds another in its place, and does not lead', async () => {
  const store = new LeaseStore();
  const first = candidate('first', store.client());
  await pass(1, first);
  const second = candidate('second', store.client());
  await pass(1, first, second);
  first.clock.stall(60_000);
  await pass(60, second);
  expect(second.leads()).toBe(true);
  await first.clock.advance(0);
  expect(first.leads()).toBe(false);
  await pass(30, first, second);
  expect([first.leads(), second.leads()]).toEqual([false, true]);
});

test('a lease whose answer came so late that it may be over is asked for again before it is led by', async () => {
  const store = new LeaseStore();
  let slow = true;
  const clocks: ManualClock[] = [];
  const first = candidate('first', store.client({ after: async () => (slow ? clocks[0]?.sleep(20_000) : undefined) }));
  clocks.push(first.clock);
  const second = candidate('second', store.client());
  let together = false;
  for (let passed = 0; passed < 60; passed += 0.5) {
    await pass(0.5, first, second);
    together ||= first.leads() && second.leads();
    if (second.leads()) slow = false;
  }
  expect([first.leads(), second.leads(), together]).toEqual([false, true, false]);
});

test('clocks that do not agree change nothing: a lease counts from when it was seen to change', async () => {
  const store = new LeaseStore();
  const first = candidate('first', store.client());
  await pass(1, first);
  const second = candidate('second', store.client());
  second.clock.stall(3_600_000);
  await pass(60, first, second);
  expect([first.leads(), second.leads()]).toEqual([true, false]);
});

test('a lease that somebody deletes is made anew by its leader', async () => {
  const store = new LeaseStore();
  const first = candidate('first', store.client());
  await pass(1, first);
  store.lease = undefined;
  await pass(5, first);
  expect(first.leads()).toBe(true);
  expect(store.lease).toMatchObject({ spec: { holderIdentity: 'first' } });
});

test('a lease that somebody else wrote into is lost', async () => {
  const store = new LeaseStore();
  const first = candidate('first', store.client());
  await pass(1, first);
  if (store.lease !== undefined) store.lease = { ...store.lease, metadata: { ...store.lease.metadata, resourceVersion: 'forced' }, spec: { holderIdentity: 'usurper', leaseDurationSeconds: 15 } };
  await pass(5, first);
  expect(first.end()?.message).toBe('no longer the leader of operator: usurper holds it');
  expect(store.lease?.spec.holderIdentity).toBe('usurper');
});

test('times in the wrong order are refused', () => {
  expect(() => new LeaderElector({ namespace: 'n', name: 'l', identity: 'i', leaseSeconds: 10, renewSeconds: 10 }, { client: new LeaseStore().client(), clock: new ManualClock(), random: () => 0, log: pino({ level: 'silent' }) })).toThrow(/retrySeconds < renewSeconds < leaseSeconds, not 2, 10, 10/);
});
