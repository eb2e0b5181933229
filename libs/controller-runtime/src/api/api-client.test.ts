import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Registry } from 'prom-client';
import { type Lease, leases } from '../leader/lease.ts';
import { RuntimeMetrics } from '../metrics/runtime-metrics.ts';
import { ManualClock } from '../time/manual-clock.fixture.ts';
import { ApiClient } from './api-client.ts';
import { ApiDouble, refusal } from './api-double.fixture.ts';
import { ApiError, isAlreadyExists, isConflict, isGone, isNotFound, isTooManyRequests, isUnreachable } from './api-error.ts';
import { type ApiGround, apiGrounds, lease, realGround } from './api-grounds.fixture.ts';

describe.each(apiGrounds)('on %s', (_name, open) => {
  let ground: ApiGround;
  beforeAll(async () => {
    ground = await open();
  });
  afterAll(() => ground[Symbol.asyncDispose]());

  test('an object is created, read, changed and deleted', async () => {
    const { client, namespace } = ground;
    const key = { namespace, name: 'whole-life' };
    const created = await client.create(leases, lease(namespace, key.name, 'first'));
    expect(created.metadata.uid).toBeDefined();
    expect(await client.get(leases, key)).toMatchObject({ kind: 'Lease', spec: { holderIdentity: 'first' } });
    const patched = await client.patch(leases, key, { spec: { holderIdentity: 'second' } }, { type: 'merge' });
    await client.replace(leases, { ...patched, spec: { holderIdentity: 'third' } });
    expect((await client.get(leases, key)).spec.holderIdentity).toBe('third');
    await client.delete(leases, key);
    await expect(client.get(leases, key)).rejects.toSatisfy(isNotFound);
  });

  test('refusals are told apart', async () => {
    const { client, namespace } = ground;
    const stale = await client.create(leases, lease(namespace, 'refused'));
    await client.replace(leases, { ...stale, spec: { holderIdentity: 'other' } });
    const refusals = {
      exists: await errorOf(client.create(leases, lease(namespace, 'refused'))),
      stale: await errorOf(client.replace(leases, stale)),
      absent: await errorOf(client.delete(leases, { namespace, name: 'never-was' })),
    };
    expect(Object.values(refusals).map(isAlreadyExists)).toEqual([true, false, false]);
    expect(Object.values(refusals).map(isConflict)).toEqual([false, true, false]);
    expect(Object.values(refusals).map(isNotFound)).toEqual([false, false, true]);
    expect(refusals.absent.message).toMatch(/^delete Lease .*\/never-was: .*not found/);
  });

  test('a list is read page by page, and its items know their kind', async () => {
    const { client, namespace } = ground;
    const names = Array.from({ length: 7 }, (_, index) => `page-${index}`);
    for (const name of names) await client.create(leases, lease(namespace, name));
    const before = client.sent.get('GET leases') ?? 0;
    const all = await client.list(leases, { namespace, pageSize: 3 });
    expect(all.map(({ metadata }) => metadata.name).filter((name) => name.startsWith('page-')).toSorted()).toEqual(names);
    expect(all.every(({ kind, apiVersion }) => kind === 'Lease' && apiVersion === leases.apiVersion)).toBe(true);
    expect((client.sent.get('GET leases') ?? 0) - before).toBe(Math.ceil(all.length / 3));
  });

  test('a watch tells what happens after a version', async () => {
    const { client, namespace } = ground;
    const { resourceVersion } = await client.listPage(leases, { namespace });
    await client.create(leases, lease(namespace, 'watched'));
    await client.delete(leases, { namespace, name: 'watched' });
    const stop = new AbortController();
    const seen: string[] = [];
    for await (const event of client.watch<Lease>(leases, { namespace, resourceVersion, timeoutSeconds: 30, signal: stop.signal })) {
      if (event.type !== 'BOOKMARK') seen.push(`${event.type} ${event.object.metadata.name}`);
      if (event.type === 'DELETED') break;
    }
    expect(seen).toEqual(['ADDED watched', 'DELETED watched']);
  });
});

describe('on the real API server alone', () => {
  let ground: ApiGround;
  beforeAll(async () => {
    ground = await realGround();
  });
  afterAll(() => ground[Symbol.asyncDispose]());

  test("fields of another owner are a conflict for apply, and are taken by force; fields that are applied no more go", async () => {
    const { client, namespace } = ground;
    const applied = lease(namespace, 'applied', 'kit');
    await client.apply(leases, { ...applied, metadata: { ...applied.metadata, labels: { mine: 'yes' } } });
    const error = await errorOf(client.apply(leases, lease(namespace, 'applied', 'other'), { fieldManager: 'other' }));
    expect(isConflict(error)).toBe(true);
    expect(error.causes).toEqual([expect.objectContaining({ field: '.spec.holderIdentity', reason: 'FieldManagerConflict' })]);
    await client.apply(leases, lease(namespace, 'applied', 'other'), { fieldManager: 'other', force: true });
    await client.apply(leases, { apiVersion: leases.apiVersion, kind: leases.kind, metadata: { namespace, name: 'applied' } });
    const { metadata, spec } = await client.get(leases, { namespace, name: 'applied' });
    expect(spec.holderIdentity).toBe('other');
    expect(metadata.labels ?? {}).toEqual({});
  });

  test('a dry run changes nothing', async () => {
    const { client, namespace } = ground;
    await client.apply(leases, lease(namespace, 'only-asked'), { dryRun: true });
    await expect(client.get(leases, { namespace, name: 'only-asked' })).rejects.toSatisfy(isNotFound);
  });

  test('what is invalid says which field', async () => {
    const { client, namespace } = ground;
    const wrong = lease(namespace, 'wrong');
    const error = await errorOf(client.create(leases, { ...wrong, spec: { leaseDurationSeconds: -1 } }));
    expect(error).toMatchObject({ status: 422, reason: 'Invalid', causes: [{ field: 'spec.leaseDurationSeconds' }] });
  });

  test('an object of another uid is not deleted in place of the one that was meant', async () => {
    const { client, namespace } = ground;
    await client.create(leases, lease(namespace, 'successor'));
    await expect(client.delete(leases, { namespace, name: 'successor' }, { uid: 'of-the-one-before' })).rejects.toSatisfy(isConflict);
    expect((await client.get(leases, { namespace, name: 'successor' })).metadata.name).toBe('successor');
  });
});

describe('on the double alone', () => {
  let double: ApiDouble;
  beforeEach(async () => {
    double = await ApiDouble.start();
  });
  afterEach(() => double[Symbol.asyncDispose]());
  const key = { namespace: 'n', name: 'some' };

  test('a server that says "later" is asked again after the time that it names, by a write too', async () => {
    const clock = new ManualClock();
    await using client = new ApiClient({ kubeConfig: double.kubeConfig, fieldManager: 'kit', clock });
    double.next({ ...refusal(429, 'TooManyRequests', 'later'), headers: { 'retry-after': '7' } });
    const start = clock.now();
    const creation = client.create(leases, lease('n', 'some'));
    await advanceUntil(clock, 100, () => double.requests.length === 2);
    expect((await creation).metadata.name).toBe('some');
    expect(clock.now() - start).toBeGreaterThanOrEqual(7_000);
  });

  test('it is asked four times, and then its refusal is the answer', async () => {
    await using client = new ApiClient({ kubeConfig: double.kubeConfig, fieldManager: 'kit' });
    double.next(...Array.from({ length: 5 }, () => ({ ...refusal(429, 'TooManyRequests', 'later'), headers: { 'retry-after': '0' } })));
    await expect(client.get(leases, key)).rejects.toSatisfy(isTooManyRequests);
    expect(double.requests).toHaveLength(4);
  });

  test("a disruption budget's refusal of an eviction is an answer, not a reason to try again", async () => {
    await using client = new ApiClient({ kubeConfig: double.kubeConfig, fieldManager: 'kit' });
    double.next(refusal(429, 'TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget."));
    await expect(client.evict(key)).rejects.toSatisfy(isTooManyRequests);
    expect(double.requests).toHaveLength(1);
  });

  test('a read is tried again where the server is unavailable, and a write is not', async () => {
    const clock = new ManualClock();
    await using client = new ApiClient({ kubeConfig: double.kubeConfig, fieldManager: 'kit', clock });
    double.next({ status: 503, body: 'starting' });
    await expect(client.create(leases, lease('n', 'some'))).rejects.toMatchObject({ status: 503, message: 'create Lease n/some: starting' });
    double.next({ status: 503 });
    const reading = client.list(leases, { namespace: 'n' });
    await advanceUntil(clock, 500, () => double.requests.length === 3);
    expect(await reading).toEqual([]);
  });

  test('a server that does not answer ends in an error at the deadline', async () => {
    await using client = new ApiClient({ kubeConfig: double.kubeConfig, fieldManager: 'kit', timeoutMs: 100 });
    double.next('silence');
    const error = await errorOf(client.get(leases, key));
    expect(isUnreachable(error)).toBe(true);
    expect(error.reason).toBe('Timeout');
  });

  test('the wait for the rate limit counts towards the deadline', async () => {
    await using client = new ApiClient({ kubeConfig: double.kubeConfig, fieldManager: 'kit', queriesPerSecond: 0.1, burst: 1, timeoutMs: 200 });
    await client.list(leases);
    expect(await errorOf(client.list(leases))).toMatchObject({ status: 0, reason: 'Timeout' });
    expect(double.requests).toHaveLength(1);
  });

  test('requests that waited for the limit in vain do not make later ones wait', async () => {
    const clock = new ManualClock();
    await using client = new ApiClient({ kubeConfig: double.kubeConfig, fieldManager: 'kit', queriesPerSecond: 0.1, burst: 1, clock });
    await client.list(leases);
    const vain = await Promise.all(Array.from({ length: 5 }, () => errorOf(client.list(leases, { timeoutMs: 50 }))));
    expect(vain.every(isUnreachable)).toBe(true);
    const next = client.list(leases);
    await clock.advance(10_000);
    expect(await next).toEqual([]);
  });

  test('a request over the limit is sent when its turn comes, and its wait is counted', async () => {
    const clock = new ManualClock();
    const metrics = new RuntimeMetrics(new Registry());
    await using client = new ApiClient({ kubeConfig: double.kubeConfig, fieldManager: 'kit', queriesPerSecond: 2, burst: 1, clock, metrics });
    await client.list(leases);
    const second = client.list(leases);
    await clock.advance(499);
    expect(double.requests).toHaveLength(1);
    await clock.advance(1);
    await second;
    expect((await metrics.rateLimitSeconds.get()).values.find(({ metricName }) => metricName?.endsWith('_sum'))?.value).toBeCloseTo(0.5);
  });

  test('a server that is not there, and an answer that is none of an API server, say so', async () => {
    await using client = new ApiClient({ kubeConfig: double.kubeConfig, fieldManager: 'kit' });
    double.next({ status: 200, body: '<html>Sign in</html>' });
    expect(await errorOf(client.get(leases, key))).toMatchObject({ reason: 'NotJSON', message: expect.stringContaining('<html>Sign in') });
    const elsewhere = await ApiDouble.start();
    await elsewhere[Symbol.asyncDispose]();
    await using lost = new ApiClient({ kubeConfig: elsewhere.kubeConfig, fieldManager: 'kit' });
    expect(await errorOf(lost.get(leases, key))).toMatchObject({ status: 0, reason: 'Unreachable' });
  });

  test.each(['status', 'event'] as const)('a version that the server no longer has is gone, whether it says so by a %s', async (goneAs) => {
    await using client = new ApiClient({ kubeConfig: double.kubeConfig, fieldManager: 'kit' });
    double.goneAs = goneAs;
    double.compact();
    const watch = client.watch(leases, { resourceVersion: '1', timeoutSeconds: 5, signal: AbortSignal.timeout(10_000) });
    await expect(watch.next()).rejects.toSatisfy(isGone);
  });

  test('a call that is given up by its signal ends at once', async () => {
    await using client = new ApiClient({ kubeConfig: double.kubeConfig, fieldManager: 'kit' });
    double.next('silence');
    const stop = new AbortController();
    const reading = errorOf(client.get(leases, key, { signal: stop.signal }));
    await expect.poll(() => double.requests.length, { timeout: 10_000 }).toBe(1);
    stop.abort();
    expect(isUnreachable(await reading)).toBe(true);
  });
});

async function errorOf(call: Promise<unknown>): Promise<ApiError> {
  const error: unknown = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof ApiError) return error;
  throw new Error(`expected an ApiError, not ${String(error)}`);
}

/** Moves time on, little by little, while real sockets do their part. */
async function advanceUntil(clock: ManualClock, ms: number, reached: () => boolean): Promise<void> {
  await expect.poll(async () => (await clock.advance(ms), reached()), { timeout: 10_000, interval: 10 }).toBe(true);
}
