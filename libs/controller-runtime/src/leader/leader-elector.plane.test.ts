import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApiClient } from '../api/api-client.ts';
import type { PlaneAccess } from '../testing/plane-access.ts';
import { sharedControlPlane } from '../testing/shared-control-plane.ts';
import { waitUntil } from '../testing/wait-until.ts';
import { systemClock } from '../time/clock.ts';
import { LeaderElector } from './leader-elector.ts';
import { leases } from './lease.ts';

const times = { leaseSeconds: 3, renewSeconds: 2, retrySeconds: 0.2 };
let plane: PlaneAccess;
beforeAll(async () => {
  plane = await sharedControlPlane();
});
afterAll(() => plane[Symbol.asyncDispose]());

test('of two electors one leads, and over many hand-overs never both at once', async () => {
  const namespace = await plane.createNamespace('elect');
  const end = new AbortController();
  const turns: string[] = [];
  let leading = 0;
  let most = 0;
  const stand = async (identity: string): Promise<void> => {
    await using client = new ApiClient({ kubeConfig: plane.kubeConfig, fieldManager: identity });
    while (!end.signal.aborted) {
      const turn = new AbortController();
      const elector = new LeaderElector({ namespace, name: 'shared', identity, ...times }, { client, clock: systemClock, random: Math.random, log: pino({ level: 'silent' }) });
      await elector.run(AbortSignal.any([turn.signal, end.signal]), async (signal) => {
        most = Math.max(most, ++leading);
        turns.push(identity);
        await systemClock.sleep(100, signal);
        leading -= 1;
        turn.abort();
      });
      // Who has led gives the other its chance.
      await systemClock.sleep(500, end.signal);
    }
  };
  const standing = [stand('one'), stand('two')];
  await waitUntil(() => new Set(turns).size === 2 && turns.length >= 8, { what: 'eight turns', withinMs: 60_000 });
  end.abort();
  await Promise.all(standing);
  expect(most).toBe(1);
});

test('when the leader is killed, the other leads within lease and retry', async () => {
  const namespace = await plane.createNamespace('elect');
  const first = spawnElector('first', namespace);
  await lineOf(first, 'leads');
  const second = spawnElector('second', namespace);
  try {
    await waitUntil(async () => ((await plane.client.get(leases, { namespace, name: 'killed' })).spec.renewTime ?? '') > new Date(Date.now() - 500).toISOString(), { what: 'a renewal' });
    const killedAt = performance.now();
    first.kill('SIGKILL');
    await lineOf(second, 'leads');
    const seconds = (performance.now() - killedAt) / 1000;
    // Not before the lease is over, which was renewed at most half a second and a retry before the end.
    expect(seconds).toBeGreaterThan(times.leaseSeconds - 1);
    // Two retries, jitter, and the time of requests on a busy machine.
    expect(seconds).toBeLessThan(times.leaseSeconds + 2 * times.retrySeconds + 2);
    expect((await plane.client.get(leases, { namespace, name: 'killed' })).spec).toMatchObject({ holderIdentity: 'second', leaseTransitions: 1 });
  } finally {
    for (const process of [first, second]) process.kill('SIGKILL');
  }
});

/** An elector in a process of its own that prints `leads`. */
function spawnElector(identity: string, namespace: string): ChildProcess {
  const script = `Promise.all([import('${new URL('../../dist/index.js', import.meta.url).href}'), import('pino')]).then(([{ ApiClient, LeaderElector, loadKubeConfig, systemClock }, { pino }]) => {
    const client = new ApiClient({ kubeConfig: loadKubeConfig('${plane.kubeconfigPath}'), fieldManager: '${identity}' });
    const elector = new LeaderElector(${JSON.stringify({ namespace, name: 'killed', identity, ...times })}, { client, clock: systemClock, random: Math.random, log: pino({ level: 'silent' }) });
    return elector.run(new AbortController().signal, () => { console.log('leads'); return new Promise(() => {}); });
  });`;
  return spawn(process.execPath, ['--eval', script], { cwd: new URL('.', import.meta.url), stdio: ['ignore', 'pipe', 'inherit'] });
}

async function lineOf({ stdout }: ChildProcess, wanted: string): Promise<void> {
  if (stdout === null) throw new Error('no output');
  const [line] = (await once(createInterface(stdout), 'line', { signal: AbortSignal.timeout(60_000) })) as [string];
  expect(line).toBe(wanted);
}
