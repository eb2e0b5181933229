import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ApiError } from '../api/api-error.ts';
import { type KubernetesObject, keyText } from '../api/kubernetes-object.ts';
import { resourceType } from '../api/resource-type.ts';
import { RuntimeMetrics } from '../metrics/runtime-metrics.ts';
import { systemClock } from '../time/clock.ts';
import { Controller, type ControllerOptions, type ReconcileContext, watched } from './controller.ts';
import { InformerDouble } from './informer-double.fixture.ts';
import { after, done, type Result, TerminalError } from './result.ts';

const things = resourceType({ apiVersion: 'example.org/v1', kind: 'Thing', plural: 'things', namespaced: true });
const pods = resourceType({ apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true });
const nodes = resourceType({ apiVersion: 'v1', kind: 'Node', plural: 'nodes', namespaced: false });
const thing = (name: string): KubernetesObject => ({ apiVersion: things.apiVersion, kind: things.kind, metadata: { name, namespace: 'n', uid: `uid-${name}` } });

const open: { readonly stop: AbortController; readonly running: Promise<void> }[] = [];
beforeEach(() => void vi.useFakeTimers());
afterEach(async () => {
  for (const { stop } of open) stop.abort();
  await Promise.all(open.splice(0).map(({ running }) => running));
  vi.useRealTimers();
});

/** A controller that runs, with all that it has reconciled. */
function start(reconcile: (key: string, context: ReconcileContext) => Promise<Result> | Result, options: Partial<ControllerOptions<KubernetesObject>> = {}, primary = new InformerDouble(things)) {
  const registry = new Registry();
  const reconciled: string[] = [];
  const controller = new Controller(
    {
      name: 'things',
      primary,
      backOff: { firstMs: 100, mostMs: 10_000 },
      reconcile: async (key, context) => {
        reconciled.push(keyText(key));
        return reconcile(keyText(key), context);
      },
      ...options,
    },
    { log: pino({ level: 'silent' }), clock: systemClock, random: () => 0, metrics: new RuntimeMetrics(registry) },
  );
  const stop = new AbortController();
  const running = controller.run(stop.signal);
  open.push({ stop, running });
  return { controller, primary, reconciled, registry, stop, running };
}

const settle = () => vi.advanceTimersByTimeAsync(0);

test('what is there at the start is looked at once, behind what is new', async () => {
  const primary = new InformerDouble(things);
  for (const name of ['old-1', 'old-2']) primary.put(thing(name), true);
  const { reconciled } = start(
    (key) => {
      if (key === 'n/old-1') primary.put(thing('new'));
      return done;
    },
    {},
    primary,
  );
  await settle();
  expect(reconciled).toEqual(['n/old-1', 'n/new', 'n/old-2']);
});

test('done waits for the next change, and after looks again in time', async () => {
  const { primary, reconciled, registry } = start((key) => (key === 'n/patient' ? after(60) : done));
  primary.put(thing('patient'));
  primary.put(thing('finished'));
  await vi.advanceTimersByTimeAsync(59_000);
  expect(reconciled).toEqual(['n/patient', 'n/finished']);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(reconciled).toEqual(['n/patient', 'n/finished', 'n/patient']);
  expect(await registry.metrics()).toContain('controller_runtime_reconcile_total{controller="things",result="requeue_after"} 2');
});

test('an error is tried again with growing pauses, which a success ends', async () => {
  let failures = 3;
  const times: number[] = [];
  const { primary, registry } = start(() => {
    times.push(performance.now());
    if (failures-- > 0) throw new Error('not yet');
    return done;
  });
  const begin = performance.now();
  primary.put(thing('a'));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(times.map((time) => time - begin)).toEqual([0, 100, 300, 700]);
  failures = 1;
  primary.put(thing('a'));
  await vi.advanceTimersByTimeAsync(60_000);
  expect((times[5] ?? 0) - (times[4] ?? 0)).toBe(100);
  expect(await registry.metrics()).toContain('controller_runtime_reconcile_errors_total{controller="things"} 4');
});

test('a conflict is tried again as any error', async () => {
  let conflicts = 1;
  const { primary, reconciled } = start(() => {
    if (conflicts-- > 0) throw new ApiError('changed meanwhile', { status: 409, reason: 'Conflict' });
    return done;
  });
  primary.put(thing('a'));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(reconciled).toEqual(['n/a', 'n/a']);
});

test('a terminal error waits for the next change', async () => {
  const { primary, reconciled, registry } = start(() => {
    throw new TerminalError('the spec cannot be fulfilled');
  });
  primary.put(thing('a'));
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(reconciled).toEqual(['n/a']);
  primary.put(thing('a'));
  await settle();
  expect(reconciled).toEqual(['n/a', 'n/a']);
  expect(await registry.metrics()).toContain('controller_runtime_terminal_reconcile_errors_total{controller="things"} 2');
});

test('a change of an owned object concerns its controlling owner, in whichever version the reference is', async () => {
  const owned = new InformerDouble(pods);
  const { reconciled } = start(() => done, { owns: [owned] });
  const owner = { apiVersion: things.apiVersion, kind: things.kind, name: 'owner', uid: 'uid-owner', controller: true };
  const pod = (name: string, reference: object) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'n', ownerReferences: [{ ...owner, ...reference }] } });
  owned.put(pod('ours', {}));
  owned.put(pod('of-another-version', { name: 'before-the-upgrade', apiVersion: 'example.org/v1beta1' }));
  owned.put(pod('of-another-kind', { kind: 'Other' }));
  owned.put(pod('of-another-group', { apiVersion: 'other.org/v1' }));
  owned.put(pod('not-controlled', { controller: false }));
  await settle();
  expect(reconciled).toEqual(['n/owner', 'n/before-the-upgrade']);
});

test('an owned object that changes hands concerns both owners', async () => {
  const owned = new InformerDouble(pods);
  const { reconciled } = start(() => done, { owns: [owned] });
  const podOf = (name: string) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'child', namespace: 'n', ownerReferences: [{ apiVersion: things.apiVersion, kind: things.kind, name, uid: name, controller: true }] } });
  owned.put(podOf('first'));
  await settle();
  owned.put(podOf('second'));
  await settle();
  expect(reconciled).toEqual(['n/first', 'n/first', 'n/second']);
});

test('a watched kind concerns whom its mapping names', async () => {
  const machines = new InformerDouble(nodes);
  const map = ({ metadata }: KubernetesObject) => (metadata.labels?.['thing'] === undefined ? [] : [{ namespace: 'n', name: metadata.labels['thing'] }]);
  const { reconciled } = start(() => done, { watches: [watched(machines, map)] });
  machines.put({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1', labels: { thing: 'a' } } });
  machines.put({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-2' } });
  await settle();
  expect(reconciled).toEqual(['n/a']);
});

test('as many reconciles go on at once as may, each of another key', async () => {
  const under: string[] = [];
  let most = 0;
  const { primary, reconciled, registry } = start(
    async (key) => {
      expect(under).not.toContain(key);
      under.push(key);
      most = Math.max(most, under.length);
      await systemClock.sleep(1_000);
      under.splice(under.indexOf(key), 1);
      return done;
    },
    { concurrency: 3 },
  );
  for (let index = 0; index < 8; index++) primary.put(thing(`thing-${index}`));
  await settle();
  for (let index = 0; index < 8; index++) primary.put(thing(`thing-${index}`));
  expect(await registry.metrics()).toContain('controller_runtime_active_workers{controller="things"} 3');
  await vi.advanceTimersByTimeAsync(20_000);
  expect(most).toBe(3);
  // The three that were under way when they changed are looked at once more.
  expect(reconciled).toHaveLength(11);
});

test('what is enqueued from outside is looked at, at once or in time', async () => {
  const { controller, reconciled } = start(() => done);
  controller.enqueueAfter({ namespace: 'n', name: 'later' }, 5);
  controller.enqueue({ namespace: '', name: 'cluster-wide' });
  await vi.advanceTimersByTimeAsync(4_999);
  expect(reconciled).toEqual(['cluster-wide']);
  await vi.advanceTimersByTimeAsync(1);
  expect(reconciled).toEqual(['cluster-wide', 'n/later']);
});

test('stopping tells the reconcile under way, waits for its end and starts no other', async () => {
  const { primary, reconciled, stop, running } = start(async (_key, { signal }) => {
    await systemClock.sleep(60_000, signal);
    await systemClock.sleep(500);
    throw signal.reason;
  });
  primary.put(thing('a'));
  primary.put(thing('b'));
  await settle();
  let ended = false;
  void running.then(() => (ended = true));
  stop.abort();
  await vi.advanceTimersByTimeAsync(499);
  expect(ended).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(ended).toBe(true);
  expect(reconciled).toEqual(['n/a']);
});

test('a controller that runs again, as after leadership came back, looks at everything', async () => {
  const { controller, primary, reconciled, stop, running } = start(() => done);
  primary.put(thing('a'));
  await settle();
  stop.abort();
  await running;
  primary.put(thing('b'));
  const again = new AbortController();
  open.push({ stop: again, running: controller.run(again.signal) });
  await settle();
  expect(reconciled.toSorted()).toEqual(['n/a', 'n/a', 'n/b']);
});

test('a reconcile is told when its deadline is over', async () => {
  vi.useRealTimers();
  const told: boolean[] = [];
  const { primary } = start(
    async (_key, { signal }) => {
      await systemClock.sleep(10_000, signal);
      told.push(signal.aborted);
      return done;
    },
    { deadlineSeconds: 0.05 },
  );
  primary.put(thing('a'));
  await expect.poll(() => told, { timeout: 10_000 }).toEqual([true]);
});

test('work under way shows in the gauges', async () => {
  const { controller, primary, registry } = start(async () => (await systemClock.sleep(60_000), done), { concurrency: 2 });
  primary.put(thing('a'));
  await vi.advanceTimersByTimeAsync(10_000);
  primary.put(thing('b'));
  await vi.advanceTimersByTimeAsync(20_000);
  controller.reportWork();
  const text = await registry.metrics();
  expect(text).toContain('workqueue_unfinished_work_seconds{name="things"} 50');
  expect(text).toContain('workqueue_longest_running_processor_seconds{name="things"} 30');
  await vi.advanceTimersByTimeAsync(60_000);
});
