import { GrmError, headerNames, type RunProgress, runProgress, runSubjects, Suspension } from '@grm/protocol';
import { connectNats, ensureRunsBucket } from '@grm/service-kit';
import { startNatsServer, type TestNatsServer } from '@grm/service-kit/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import { Objm } from '@nats-io/obj';
import { headers as createHeaders, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { natsOfRuns } from './nats-of-runs.ts';
import { NatsUnavailableError } from './nats-unavailable-error.ts';

let server: TestNatsServer;
let connection: NatsConnection;
beforeAll(async () => {
  server = await startNatsServer();
  connection = await connectNats({ servers: [server.url], name: 'operator' });
});
afterAll(async () => {
  await connection.close();
  await server[Symbol.asyncDispose]();
});

const quiet = { fact: () => ({ kind: 'unavailable', since: new Date() }) as const };
const nats = () => natsOfRuns({ link: { connection }, progress: quiet });
const { signal } = new AbortController();
const suspended: RunProgress = { phase: 'Suspended', stages: [], updatedAt: new Date().toISOString() };

/** Answers as a trainer would. */
async function trainerOf(run: { namespace: string; run: string }, answer: (message: Msg) => void): Promise<AsyncDisposable> {
  const trainer = await connectNats({ servers: [server.url], name: 'trainer' });
  trainer.subscribe(runSubjects(run).suspend, { callback: (_, message) => answer(message) });
  await trainer.flush();
  return { [Symbol.asyncDispose]: () => trainer.close() };
}

it('a trainer that is asked to suspend is told how long it may take, and its answer is its progress', async () => {
  const run = { namespace: 'team', run: 'saves' };
  let waitMs = 0;
  await using _ = await trainerOf(run, (message) => {
    ({ waitMs } = Suspension.parse(message.json()));
    message.respond(JSON.stringify(suspended));
  });
  expect(await nats().requestSuspend(run, 5_000, signal)).toEqual({ kind: 'suspended', progress: suspended });
  expect(waitMs).toBe(5_000);
});

it('a trainer that needs longer is late, whether it says so or not', async () => {
  const says = { namespace: 'team', run: 'says' };
  const silent = { namespace: 'team', run: 'silent' };
  await using _ = await trainerOf(says, (message) => {
    const headers = createHeaders();
    headers.set(headerNames.serviceError, 'deadline-exceeded');
    headers.set(headerNames.serviceErrorCode, '504');
    message.respond(JSON.stringify(new GrmError('deadline-exceeded', 'not yet').toBody()), { headers });
  });
  await using __ = await trainerOf(silent, () => undefined);
  expect(await nats().requestSuspend(says, 10, signal)).toEqual({ kind: 'late' });
  expect(await nats().requestSuspend(silent, 10, signal)).toEqual({ kind: 'late' });
});

it('where no trainer listens nobody is waited for', async () => {
  expect(await nats().requestSuspend({ namespace: 'team', run: 'nobody' }, 60_000, signal)).toEqual({ kind: 'nobody' });
});

it('a run that goes leaves neither progress, nor checkpoints, nor a queue', async () => {
  const run = { namespace: 'team', run: 'goes' };
  const bucket = await ensureRunsBucket(connection);
  await bucket.put(runProgress(run).key, JSON.stringify(suspended));
  const store = await new Objm(connection).create('grm-checkpoints');
  await store.putBlob({ name: 'team.goes/grpo-1' }, new Uint8Array(10));
  await nats().ensureRolloutTopology(run);
  const manager = await jetstreamManager(connection);
  const streams = async (): Promise<string[]> => (await manager.streams.names().next()).filter((name) => name.includes('goes'));
  expect(await streams()).not.toEqual([]);

  for (let time = 0; time < 2; time += 1) {
    await nats().removeRolloutTopology(run);
    await nats().removeProgress(run);
    await nats().removeCheckpoints(run, 'grm-checkpoints');
  }
  expect(await streams()).toEqual([]);
  expect((await bucket.get(runProgress(run).key))?.operation).toBe('PURGE');
  expect(await store.list()).toEqual([]);
});

it('without NATS every call says so at once', async () => {
  const away = natsOfRuns({ link: { connection: undefined }, progress: quiet });
  const run = { namespace: 'team', run: 'away' };
  await expect(away.removeProgress(run)).rejects.toThrow(NatsUnavailableError);
  await expect(away.ensureRolloutTopology(run)).rejects.toThrow(/NATS is away; check that nats-server runs/);
  await expect(away.requestSuspend(run, 10, signal)).rejects.toThrow(NatsUnavailableError);
});

it('a server that stops answering is given up', async () => {
  const lone = await startNatsServer();
  const dead = await connectNats({ servers: [lone.url], name: 'operator' });
  await lone[Symbol.asyncDispose]();
  const calls = natsOfRuns({ link: { connection: dead }, progress: quiet, timeoutMs: 200 });
  await expect(calls.removeProgress({ namespace: 'team', run: 'dead' })).rejects.toThrow(/NATS|TIMEOUT|timeout|closed|within/i);
  await dead.close();
});
