import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ApiClient } from '../api/api-client.ts';
import { ApiDouble, refusal } from '../api/api-double.fixture.ts';
import { type ApiGround, apiGrounds, lease } from '../api/api-grounds.fixture.ts';
import { type Lease, leases } from '../leader/lease.ts';
import { RuntimeMetrics } from '../metrics/runtime-metrics.ts';
import { type Clock, systemClock } from '../time/clock.ts';
import { type InformerContext, type InformerOptions, SharedInformer } from './informer.ts';

interface Followed extends AsyncDisposable {
  readonly informer: SharedInformer<Lease>;
  /** Changes: `+name holder` appeared, `~name holder` changed, `-name` gone, with `*` when it came with a list. */
  readonly changes: string[];
  /** Pauses after failures, ms as they were asked for: they are slept through in a hundredth of it. */
  readonly pauses: number[];
  readonly registry: Registry;
}

function follow(client: ApiClient, namespace: string, context: Partial<InformerContext> = {}, options: InformerOptions<Lease> = {}): Followed {
  const registry = new Registry();
  const pauses: number[] = [];
  const clock: Clock = { ...systemClock, sleep: (ms, signal) => (pauses.push(ms), systemClock.sleep(ms / 100, signal)) };
  const informer = new SharedInformer(leases, options, { client, namespaces: [namespace], log: pino({ level: 'silent' }), clock, random: () => 0, metrics: new RuntimeMetrics(registry), ...context });
  const changes: string[] = [];
  informer.onChange(({ before, after, initial }) => {
    const sign = after === undefined ? '-' : before === undefined ? '+' : '~';
    changes.push(`${sign}${(after ?? before)?.metadata.name}${after === undefined ? '' : ` ${after.spec.holderIdentity}`}${initial ? ' *' : ''}`);
  });
  const stop = new AbortController();
  const running = informer.run(stop.signal);
  return {
    informer,
    changes,
    pauses,
    registry,
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await running;
    },
  };
}

const synced = async ({ informer }: Followed) => {
  await expect.poll(() => informer.synced, { timeout: 10_000 }).toBe(true);
};
const told = async ({ changes }: Followed, wanted: readonly string[]) => {
  await expect.poll(() => changes, { timeout: 10_000 }).toEqual(wanted);
};

describe.each(apiGrounds)('on %s', (_name, open) => {
  let ground: ApiGround;
  beforeEach(async () => {
    ground = await open();
  });
  afterEach(() => ground[Symbol.asyncDispose]());

  test('a store holds what was there and follows what happens', async () => {
    const { client, namespace } = ground;
    await client.create(leases, lease(namespace, 'old', 'a'));
    await using followed = follow(client, namespace);
    await synced(followed);
    await client.create(leases, lease(namespace, 'new', 'b'));
    await client.patch(leases, { namespace, name: 'new' }, { spec: { holderIdentity: 'c' } }, { type: 'merge' });
    await client.delete(leases, { namespace, name: 'old' });
    await told(followed, ['+old a *', '+new b', '~new c', '-old']);
    expect(followed.informer.store.list(namespace).map(({ metadata }) => metadata.name)).toEqual(['new']);
    expect(followed.informer.store.get({ namespace, name: 'new' })?.metadata).not.toHaveProperty('managedFields');
  });

  test('what was written is read at once, and its echo is not told a second time', async () => {
    const { client, namespace } = ground;
    const made = await client.create(leases, lease(namespace, 'own', 'a'));
    await using followed = follow(client, namespace);
    await synced(followed);
    followed.informer.observe(await client.replace(leases, { ...made, spec: { holderIdentity: 'b' } }));
    expect(followed.informer.store.get({ namespace, name: 'own' })?.spec.holderIdentity).toBe('b');
    followed.informer.observe(made);
    await client.create(leases, lease(namespace, 'last', 'z'));
    await told(followed, ['+own a *', '~own b', '+last z']);
  });

  test('a handler that throws is counted, and the others and later changes still arrive', async () => {
    const { client, namespace } = ground;
    await using followed = follow(client, namespace);
    followed.informer.onChange(() => {
      throw new Error('a bug of its own');
    });
    const seen: string[] = [];
    followed.informer.onChange(({ after }) => void seen.push(after?.metadata.name ?? ''));
    await synced(followed);
    await client.create(leases, lease(namespace, 'one'));
    await client.create(leases, lease(namespace, 'two'));
    await expect.poll(() => seen, { timeout: 10_000 }).toEqual(['one', 'two']);
    expect(await followed.registry.metrics()).toContain('controller_runtime_event_handler_errors_total{kind="Lease"} 2');
  });

  test('a handler that comes late is told what is there', async () => {
    const { client, namespace } = ground;
    await client.create(leases, lease(namespace, 'old'));
    await using followed = follow(client, namespace, {}, { transform: (object) => ({ ...object, spec: {} }), indexes: { first: ({ metadata }) => [metadata.name.slice(0, 1)] } });
    await synced(followed);
    const seen: unknown[] = [];
    followed.informer.onChange(({ after, initial }) => void seen.push([after?.metadata.name, after?.spec, initial]));
    expect(seen).toEqual([['old', {}, true]]);
    expect(followed.informer.store.byIndex('first', 'o')).toHaveLength(1);
  });
});

describe('on the double alone', () => {
  const namespace = 'n';
  let double: ApiDouble;
  let client: ApiClient;
  beforeEach(async () => {
    double = await ApiDouble.start();
    client = new ApiClient({ kubeConfig: double.kubeConfig, fieldManager: 'kit' });
  });
  afterEach(async () => {
    await client[Symbol.asyncDispose]();
    await double[Symbol.asyncDispose]();
  });
  const watching = async (count = 1) => {
    await expect.poll(() => double.watches, { timeout: 10_000 }).toBe(count);
  };
  const lists = () => double.requests.filter((request) => request.startsWith('GET') && !request.includes('watch=')).length;
  const lastWatch = () => double.requests.findLast((request) => request.includes('watch=')) ?? '';

  test('a list of many pages is one list', async () => {
    double.mostPerPage = 10;
    for (let index = 0; index < 25; index++) await client.create(leases, lease(namespace, `lease-${index}`));
    await using followed = follow(client, namespace);
    await synced(followed);
    expect(followed.informer.store.size).toBe(25);
    expect(lists()).toBe(3);
  });

  test('a watch that ends goes on from the last bookmark, without a list', async () => {
    await using followed = follow(client, namespace);
    await watching();
    await client.create(leases, lease(namespace, 'before', 'a'));
    double.bookmark();
    await told(followed, ['+before a']);
    await expect.poll(() => followed.registry.metrics(), { timeout: 10_000 }).toContain('controller_runtime_watch_events_total{kind="Lease",type="BOOKMARK"} 1');
    double.endWatches();
    await client.create(leases, lease(namespace, 'between', 'b'));
    await told(followed, ['+before a', '+between b']);
    expect(lastWatch()).toMatch(/resourceVersion=111&/);
    expect(lists()).toBe(1);
    expect(followed.pauses).toEqual([]);
  });

  test.each(['status', 'event'] as const)('a watch that is too far behind (told as %s) is a new list, and what went meanwhile is told as gone', async (goneAs) => {
    double.goneAs = goneAs;
    for (const name of ['stays', 'goes', 'changes']) await client.create(leases, lease(namespace, name, 'a'));
    await using followed = follow(client, namespace);
    await watching();
    followed.changes.length = 0;
    double.muteWatches();
    await client.delete(leases, { namespace, name: 'goes' });
    await client.patch(leases, { namespace, name: 'changes' }, { spec: { holderIdentity: 'b' } }, { type: 'merge' });
    await client.create(leases, lease(namespace, 'comes', 'c'));
    double.compact();
    double.dropConnections();
    await told(followed, ['-goes *', '~changes b *', '+comes c *']);
    expect(await followed.registry.metrics()).toContain('controller_runtime_relists_total{kind="Lease",reason="gone"} 1');
    await client.create(leases, lease(namespace, 'later', 'd'));
    await expect.poll(() => followed.changes.at(-1), { timeout: 10_000 }).toBe('+later d');
  });

  test.each([
    ['is cut in the middle of a line', '{"type":"ADDED","object":{"metadata":{"name":"half'],
    ['turns into something else', '<html>Bad gateway</html>\n'],
  ])('a watch that %s goes on where it was', async (_what, last) => {
    await using followed = follow(client, namespace);
    await watching();
    await client.create(leases, lease(namespace, 'before', 'a'));
    await told(followed, ['+before a']);
    double.breakWatches(last);
    await client.create(leases, lease(namespace, 'after', 'b'));
    await told(followed, ['+before a', '+after b']);
    expect(lists()).toBe(1);
    expect(followed.pauses).toEqual([800]);
  });

  test('a watch on which nothing comes any more is given up, and opened anew', async () => {
    await using followed = follow(client, namespace, { inactivityMs: 200 });
    await watching();
    double.muteWatches();
    await client.create(leases, lease(namespace, 'unheard', 'a'));
    await told(followed, ['+unheard a']);
    expect(lists()).toBe(1);
  });

  test('bookmarks keep a watch on which nothing else happens', async () => {
    await using followed = follow(client, namespace, { inactivityMs: 1_000 });
    await watching();
    const start = performance.now();
    await expect.poll(() => (double.bookmark(), performance.now() - start), { interval: 50, timeout: 5_000 }).toBeGreaterThan(2_500);
    expect(double.requests.filter((request) => request.includes('watch='))).toHaveLength(1);
    expect(followed.informer.synced).toBe(true);
  });

  test('failures are tried again with growing pauses, and nothing counts as read until a list is in', async () => {
    double.next(...Array.from({ length: 7 }, () => refusal(500, 'InternalError', 'no etcd')));
    await using followed = follow(client, namespace);
    await expect.poll(() => followed.pauses.length, { timeout: 10_000 }).toBeGreaterThan(3);
    expect(followed.informer.synced).toBe(false);
    await synced(followed);
    expect(followed.pauses).toEqual([800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000]);
    await watching();
    double.breakWatches('');
    await expect.poll(() => followed.pauses.at(-1), { timeout: 10_000 }).toBe(800);
  });

  test('watches that end as soon as they begin are not opened as fast as that goes', async () => {
    double.endsWatches = true;
    await using followed = follow(client, namespace);
    await expect.poll(() => followed.pauses.slice(0, 4), { timeout: 10_000 }).toEqual([800, 1_600, 3_200, 6_400]);
    expect(lists()).toBe(1);
  });

  test('an object that was made anew under its name is observed, and the late end of the one before does not take it away', async () => {
    await client.create(leases, lease(namespace, 'again', 'a'));
    await using followed = follow(client, namespace);
    await watching();
    double.muteWatches();
    await client.delete(leases, { namespace, name: 'again' });
    followed.informer.observe(await client.create(leases, lease(namespace, 'again', 'b')));
    expect(followed.informer.store.get({ namespace, name: 'again' })?.spec.holderIdentity).toBe('b');
    await client.create(leases, lease(namespace, 'last', 'z'));
    double.dropConnections();
    await told(followed, ['+again a *', '~again b', '+last z']);
  });

  test('several namespaces are one store, which is synced when all are', async () => {
    await client.create(leases, lease('n', 'one', 'a'));
    await client.create(leases, lease('m', 'two', 'b'));
    double.next('silence');
    await using hasty = new ApiClient({ kubeConfig: double.kubeConfig, fieldManager: 'kit', timeoutMs: 300 });
    await using followed = follow(hasty, namespace, { namespaces: ['n', 'm'] });
    await expect.poll(() => followed.informer.store.size, { timeout: 10_000 }).toBe(1);
    expect(followed.informer.synced).toBe(false);
    await synced(followed);
    expect(followed.changes.toSorted()).toEqual(['+one a *', '+two b *']);
  });

  test('stopping ends lists and watches at once', async () => {
    double.next('silence');
    const listing = follow(client, namespace);
    await expect.poll(() => double.requests.length, { timeout: 10_000 }).toBe(1);
    await listing[Symbol.asyncDispose]();
    expect(listing.informer.synced).toBe(false);
    const followed = follow(client, namespace);
    await watching();
    await followed[Symbol.asyncDispose]();
    await watching(0);
  });
});
