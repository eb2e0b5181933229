import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { request } from 'undici';
import { ApiClient } from '../api/api-client.ts';
import { type ApiGround, lease, realGround } from '../api/api-grounds.fixture.ts';
import { done } from '../controller/result.ts';
import { LeadershipLostError } from '../leader/leader-elector.ts';
import { leases } from '../leader/lease.ts';
import { RuntimeMetrics } from '../metrics/runtime-metrics.ts';
import { Manager, type ManagerOptions } from './manager.ts';

let ground: ApiGround;
beforeAll(async () => {
  ground = await realGround();
});
afterAll(() => ground[Symbol.asyncDispose]());

function managerOf(options: Partial<ManagerOptions> = {}): Manager {
  const registry = new Registry();
  return new Manager({ client: ground.client, namespaces: [ground.namespace], registry, metrics: new RuntimeMetrics(registry), log: pino({ level: 'silent' }), health: { host: '127.0.0.1', port: 0 }, ...options });
}

async function get(manager: Manager, path: string): Promise<readonly [number, string]> {
  const { statusCode, body } = await request(`http://127.0.0.1:${manager.healthPort}${path}`);
  return [statusCode, await body.text()];
}

const untilAborted = (signal: AbortSignal) => new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));

test('it is ready once its caches are read, reconciles what is there and what comes, and ends when it is told to', async () => {
  const { client, namespace } = ground;
  const manager = managerOf();
  const reconciled = new Set<string>();
  const informer = manager.informer(leases, { labelSelector: 'test=whole' });
  manager.controller({ name: 'leases', primary: informer, reconcile: async ({ name }) => (reconciled.add(name), done) });
  let broker: string | undefined = 'not connected';
  manager.addReadyCheck('broker', () => broker);
  const labelled = (name: string) => ({ ...lease(namespace, name), metadata: { namespace, name, labels: { test: 'whole' } } });
  await client.create(leases, labelled('before'));
  const stop = new AbortController();
  const running = manager.run(stop.signal);
  await expect.poll(() => [...reconciled], { timeout: 10_000 }).toEqual(['before']);
  await client.create(leases, labelled('after'));
  await expect.poll(() => [...reconciled], { timeout: 10_000 }).toEqual(['before', 'after']);
  expect(await get(manager, '/readyz')).toEqual([503, '[+] caches ok\n[-] broker failed: not connected\n']);
  broker = undefined;
  expect((await get(manager, '/readyz'))[0]).toBe(200);
  expect((await get(manager, '/livez'))[0]).toBe(200);
  expect((await get(manager, '/metrics'))[1]).toContain('controller_runtime_reconcile_total{controller="leases",result="success"}');
  stop.abort();
  await running;
});

test('only the leader works, the others keep their caches, and a hand-over is at once', async () => {
  const { namespace } = ground;
  const worked: string[] = [];
  const always: string[] = [];
  const processes = ['one', 'two'].map((identity) => {
    const manager = managerOf({ leaderElection: { namespace, name: 'managers', identity, leaseSeconds: 30, renewSeconds: 20, retrySeconds: 0.2 } });
    const informer = manager.informer(leases);
    manager.addRunnable({ name: 'leaders', needsLeader: true, run: (signal) => (worked.push(identity), untilAborted(signal)) });
    manager.addRunnable({ name: 'everybodys', needsLeader: false, run: (signal) => (always.push(identity), untilAborted(signal)) });
    const stop = new AbortController();
    return { identity, informer, stop, running: manager.run(stop.signal) };
  });
  await expect.poll(() => [worked.length, always.length, processes.every(({ informer }) => informer.synced)], { timeout: 10_000 }).toEqual([1, 2, true]);
  const leader = processes.find(({ identity }) => identity === worked[0]);
  leader?.stop.abort();
  await leader?.running;
  await expect.poll(() => worked.length, { timeout: 5_000 }).toBe(2);
  for (const { stop, running } of processes) {
    stop.abort();
    await running;
  }
  expect(new Set(worked).size).toBe(2);
});

test('a process that has lost its leadership ends in time, whether or not its work does', async () => {
  const { client, namespace } = ground;
  const manager = managerOf({ stopMs: 200, leaderElection: { namespace, name: 'lost', identity: 'loser', leaseSeconds: 30, renewSeconds: 20, retrySeconds: 0.1 } });
  let working = false;
  manager.addRunnable({ name: 'deaf', needsLeader: true, run: () => ((working = true), new Promise(() => undefined)) });
  const running = manager.run(new AbortController().signal);
  const end = running.then(
    () => undefined,
    (error: unknown) => error,
  );
  await expect.poll(() => working, { timeout: 10_000 }).toBe(true);
  await client.patch(leases, { namespace, name: 'lost' }, { spec: { holderIdentity: 'usurper' } }, { type: 'merge' });
  expect(await end).toEqual(new LeadershipLostError('lost', 'usurper holds it'));
});

test('a runnable that fails ends the process with its error, and everything else with it', async () => {
  const manager = managerOf();
  let told = false;
  manager.addRunnable({ name: 'fails', needsLeader: false, run: () => Promise.reject(new Error('no broker')) });
  manager.addRunnable({ name: 'works', needsLeader: true, run: async (signal) => (await untilAborted(signal), void (told = true)) });
  await expect(manager.run(new AbortController().signal)).rejects.toThrow('no broker');
  expect(told).toBe(true);
});

test('without an API server it is alive, not ready, and does no work', async () => {
  await using client = new ApiClient({ kubeConfig: ground.kubeConfig, fieldManager: 'kit', timeoutMs: 1 });
  const manager = managerOf({ client });
  const informer = manager.informer(leases);
  let worked = false;
  manager.controller({ name: 'leases', primary: informer, reconcile: async () => ((worked = true), done) });
  const stop = new AbortController();
  const running = manager.run(stop.signal);
  await expect.poll(() => manager.healthPort, { timeout: 10_000 }).toBeDefined();
  expect(await get(manager, '/readyz')).toEqual([503, '[-] caches failed: not read yet: Lease\n']);
  expect((await get(manager, '/livez'))[0]).toBe(200);
  stop.abort();
  await running;
  expect(worked).toBe(false);
});
