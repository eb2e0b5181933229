import { runProgress, type RunProgress } from '@grm/protocol';
import { connectNats, ensureRunsBucket } from '@grm/service-kit';
import { startNatsServer } from '@grm/service-kit/testing';
import type { NatsConnection } from '@nats-io/transport-node';
import { pino } from 'pino';
import { expect, it, vi } from 'vitest';
import { RunProgressWatch } from './run-progress-watch.ts';

const run = { namespace: 'team', run: 'nano' };

const progress = (phase: RunProgress['phase']): string => JSON.stringify({ phase, stages: [], updatedAt: new Date().toISOString() } satisfies RunProgress);

/** A watch over a server of its own, and another client in the trainer's place. */
async function ground(namespaces: readonly string[] | 'all' = 'all') {
  const server = await startNatsServer();
  const connection = await connectNats({ servers: [server.url], name: 'operator' });
  const trainer = await connectNats({ servers: [server.url], name: 'trainer' });
  const told: string[] = [];
  let announcements = 0;
  const stop = new AbortController();
  const link: { connection: NatsConnection | undefined } = { connection };
  const watch = new RunProgressWatch({
    link,
    namespaces,
    log: pino({ level: 'silent' }),
    now: () => new Date(),
    changed: ({ namespace, run: name }) => told.push(`${namespace}/${name}`),
    availabilityChanged: () => (announcements += 1),
    retryMs: 50,
  });
  const running = watch.run(stop.signal);
  return {
    server, watch, told, link, connection,
    announcements: () => announcements,
    write: async (phase: RunProgress['phase'], address = run) => (await ensureRunsBucket(trainer)).put(runProgress(address).key, progress(phase)),
    remove: async () => (await ensureRunsBucket(trainer)).delete(runProgress(run).key),
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await running;
      await connection.close();
      await trainer.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

it('follows what trainers say, from what they said before', async () => {
  await using given = await ground();
  await given.write('Running');
  await vi.waitFor(() => expect(given.watch.fact(run)).toMatchObject({ kind: 'known', progress: { phase: 'Running' } }), { timeout: 10_000 });
  await given.write('Complete');
  await vi.waitFor(() => expect(given.watch.fact(run)).toMatchObject({ kind: 'known', progress: { phase: 'Complete' } }), { timeout: 10_000 });
  await given.remove();
  await vi.waitFor(() => expect(given.watch.fact(run)).toMatchObject({ kind: 'none' }), { timeout: 10_000 });
  expect(given.told).toEqual(['team/nano', 'team/nano', 'team/nano']);
});

it('looks into its own namespaces only', async () => {
  await using given = await ground(['other', 'team']);
  await given.write('Running', { namespace: 'theirs', run: 'nano' });
  await given.write('Running');
  await vi.waitFor(() => expect(given.watch.fact(run).kind).toBe('known'), { timeout: 10_000 });
  expect(given.told).toEqual(['team/nano']);
});

it('says that nothing has been said once it knows, and not before', async () => {
  await using given = await ground();
  expect(given.watch.fact(run).kind).toBe('unavailable');
  await vi.waitFor(() => expect(given.watch.fact(run).kind).toBe('none'), { timeout: 10_000 });
});

it('outlives its server, and catches up with what was said meanwhile', async () => {
  await using given = await ground();
  await given.write('Running');
  await vi.waitFor(() => expect(given.watch.fact(run).kind).toBe('known'), { timeout: 10_000 });
  // As the operator's connection does: gone while the server is.
  given.link.connection = undefined;
  await vi.waitFor(() => expect(given.watch.fact(run).kind).toBe('unavailable'), { timeout: 10_000 });
  await given.server.stop('SIGKILL');
  await given.server.start();
  await vi.waitFor(() => given.write('Complete'), { timeout: 20_000 });
  given.link.connection = given.connection;
  await vi.waitFor(() => expect(given.watch.fact(run)).toMatchObject({ kind: 'known', progress: { phase: 'Complete' } }), { timeout: 20_000 });
});
