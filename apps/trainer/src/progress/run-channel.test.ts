import { ErrorBody, headerNames, RunProgress, runProgress, runSubjects } from '@grm/protocol';
import { Configuration, createLog, ensureRunsBucket } from '@grm/service-kit';
import { startNatsServer, type TestNatsServer } from '@grm/service-kit/testing';
import type { KV } from '@nats-io/kv';
import { connect, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { lateSink } from './late-sink.ts';
import { openRunChannel } from './run-channel.ts';
import type { ProgressSink } from './run-event.ts';
import { RunJournal } from './run-journal.ts';

/** Readers expect a sign of life this often in these tests, s. */
const heartbeatSeconds = 1;
const log = createLog('trainer', Configuration.parse({ GRM_LOG_LEVEL: 'silent' }));

let server: TestNatsServer;
let connection: NatsConnection;
let bucket: KV;
let runs = 0;

beforeAll(async () => {
  server = await startNatsServer();
  connection = await connect({ servers: server.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
  bucket = await ensureRunsBucket(connection);
});
afterAll(async () => {
  await connection.close();
  await server[Symbol.asyncDispose]();
});

const newRun = () => ({ namespace: 'test', run: `run-${++runs}` });
type Run = ReturnType<typeof newRun>;

/** A trainer's journal with its way to NATS, and what it says. */
async function trainerOf(run: Run) {
  const contested: string[] = [];
  const stop = new AbortController();
  const open = (): Promise<ProgressSink> =>
    openRunChannel({ nats: { servers: [server.url] }, ...run, log, suspend: () => stop.abort(), contested: ({ message }) => contested.push(message) });
  const journal = new RunJournal(['grpo'], [await open()], { heartbeatSeconds });
  return { journal, contested, stop: stop.signal, [Symbol.asyncDispose]: () => journal[Symbol.asyncDispose]() };
}

async function valueOf(run: Run): Promise<RunProgress | undefined> {
  const entry = await bucket.get(runProgress(run).key);
  return entry === null ? undefined : RunProgress.parse(entry.json());
}

const until = (assertion: () => void | Promise<void>): Promise<void> => vi.waitFor(assertion, { timeout: 15_000, interval: 20 });

describe('the progress of a run in grm-runs', () => {
  it('is written at least every heartbeat though nothing happens, and never more than once a second', async () => {
    const run = newRun();
    const written: { readonly at: number; readonly progress: RunProgress }[] = [];
    const watch = await bucket.watch({ key: runProgress(run).key });
    const seen = (async () => {
      for await (const entry of watch) written.push({ at: entry.created.getTime(), progress: RunProgress.parse(entry.json()) });
    })();
    {
      await using trainer = await trainerOf(run);
      // Many events: one value waits, the others it overtakes.
      for (let step = 1; step <= 500; step += 1) trainer.journal.record({ type: 'stage-advanced', stage: 'grpo', step, steps: 500, metrics: { reward: step } });
      await until(() => expect(written.length).toBeGreaterThanOrEqual(4));
      trainer.journal.record({ type: 'run-finished', phase: 'Complete' });
    }
    await until(() => expect(written.at(-1)?.progress.phase).toBe('Complete'));
    watch.stop();
    await seen;
    const gaps = written.slice(1).map(({ at }, index) => at - (written[index]?.at ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(990);
    // The beat and the pause after a write; the machine may be busy.
    expect(Math.max(...gaps)).toBeLessThan(1000 * (heartbeatSeconds + 1) + 1_000);
    expect(written[1]?.progress).toMatchObject({ phase: 'Running', heartbeatSeconds, stages: [{ step: 500, metrics: { reward: 500 } }] });
    expect(Date.parse(written[2]?.progress.updatedAt ?? '')).toBeGreaterThan(Date.parse(written[1]?.progress.updatedAt ?? ''));
  });

  it('is left to the trainer that writes it: a second one notices, says so, and writes nothing', async () => {
    const run = newRun();
    await using first = await trainerOf(run);
    first.journal.record({ type: 'stage-started', stage: 'grpo', steps: 10 });
    await until(async () => expect((await valueOf(run))?.stages[0]?.steps).toBe(10));
    await using second = await trainerOf(run);
    second.journal.record({ type: 'stage-started', stage: 'grpo', steps: 77 });
    await until(() => expect(second.contested).toEqual([expect.stringMatching(/^another trainer \(.+\) writes the progress of test\.run-\d+, so this one does not; end one of the two$/)]));
    expect((await valueOf(run))?.stages[0]?.steps).toBe(10);
    expect(first.contested).toEqual([]);
  });

  it('is lost by a trainer whose value another one has replaced, which it says once', async () => {
    const run = newRun();
    await using trainer = await trainerOf(run);
    await until(async () => expect(await valueOf(run)).toBeDefined());
    const foreign = { ...trainer.journal.progress, trainer: 'elsewhere/1/0' };
    await bucket.put(runProgress(run).key, JSON.stringify(foreign));
    await until(() => expect(trainer.contested).toEqual([expect.stringContaining('another trainer (elsewhere/1/0) writes')]));
    trainer.journal.record({ type: 'stage-started', stage: 'grpo', steps: 77 });
    await trainer[Symbol.asyncDispose]();
    expect(await valueOf(run)).toEqual(foreign);
    expect(trainer.contested).toHaveLength(1);
  });

  it('is taken over from a trainer that gives no sign of life any more', async () => {
    const run = newRun();
    const { progress } = new RunJournal(['grpo'], [], { heartbeatSeconds });
    await bucket.put(runProgress(run).key, JSON.stringify({ ...progress, trainer: 'killed/1/0' }));
    await using trainer = await trainerOf(run);
    trainer.journal.record({ type: 'stage-started', stage: 'grpo', steps: 5 });
    await until(async () => expect((await valueOf(run))?.stages[0]?.steps).toBe(5));
    expect(trainer.contested).toEqual([]);
  });

  it('is written again after the value was deleted', async () => {
    const run = newRun();
    await using trainer = await trainerOf(run);
    await until(async () => expect(await valueOf(run)).toBeDefined());
    await bucket.delete(runProgress(run).key);
    await until(async () => expect((await bucket.get(runProgress(run).key))?.operation).toBe('PUT'));
    expect(trainer.contested).toEqual([]);
  });

  it('goes on when the server comes back, and its last word gets through', async () => {
    const run = newRun();
    const own = await startNatsServer();
    const failures: unknown[] = [];
    const open = (): Promise<ProgressSink> => openRunChannel({ nats: { servers: [own.url] }, ...run, log, suspend: () => expect.unreachable(), contested: () => expect.unreachable() });
    const journal = new RunJournal(['grpo'], [lateSink({ open, retryMs: 50, failed: (error) => failures.push(error) })], { heartbeatSeconds });
    const read = async (): Promise<RunProgress | undefined> => {
      const reader = await connect({ servers: own.url });
      try {
        const entry = await (await ensureRunsBucket(reader)).get(runProgress(run).key);
        return entry === null ? undefined : RunProgress.parse(entry.json());
      } finally {
        await reader.close();
      }
    };
    await until(async () => expect(await read()).toBeDefined());
    await own.stop();
    journal.record({ type: 'stage-started', stage: 'grpo', steps: 5 });
    journal.record({ type: 'run-finished', phase: 'Complete' });
    const closed = journal[Symbol.asyncDispose]();
    await own.start();
    await closed;
    expect(await read()).toMatchObject({ phase: 'Complete', stages: [{ steps: 5 }] });
    expect(failures).toEqual([]);
    await own[Symbol.asyncDispose]();
  });
});

describe('a sink that opens late', () => {
  it('begins with what is newest, and says once that it cannot be opened', async () => {
    const failures: unknown[] = [];
    const written: number[] = [];
    let tries = 0;
    const open = (): Promise<ProgressSink> =>
      ++tries < 3
        ? Promise.reject(new Error('not yet'))
        : Promise.resolve({
            accept: (_, { stages }) => void written.push(stages[0]?.step ?? -1),
            refresh: ({ stages }) => void written.push(stages[0]?.step ?? -1),
            [Symbol.asyncDispose]: () => Promise.resolve(),
          });
    const journal = new RunJournal(['grpo'], [lateSink({ open, retryMs: 5, failed: (error) => failures.push(error) })]);
    for (const step of [1, 2, 3]) journal.record({ type: 'stage-advanced', stage: 'grpo', step, steps: 9, metrics: {} });
    await until(() => expect(written).toEqual([3]));
    journal.record({ type: 'stage-advanced', stage: 'grpo', step: 4, steps: 9, metrics: {} });
    await journal[Symbol.asyncDispose]();
    expect(written).toEqual([3, 4]);
    expect(failures).toHaveLength(1);
  });
});

describe('a request to suspend', () => {
  const ask = (run: Run, payload: object, timeout = 10_000): Promise<Msg> => connection.request(runSubjects(run).suspend, JSON.stringify(payload), { timeout });

  it('stops the run and is answered with how it ended, which the bucket says by then', async () => {
    const run = newRun();
    const trainer = await trainerOf(run);
    trainer.journal.record({ type: 'stage-started', stage: 'grpo', steps: 9 });
    const answer = ask(run, { waitMs: 9_000 });
    await until(() => expect(trainer.stop.aborted).toBe(true));
    trainer.journal.record({ type: 'checkpoint-saved', stage: 'grpo', step: 4, uri: 'file:///grpo-4', digest: 'sha256:4' });
    trainer.journal.record({ type: 'run-finished', phase: 'Suspended', message: 'stopped in stage grpo' });
    const closed = trainer[Symbol.asyncDispose]();
    const progress = RunProgress.parse((await answer).json());
    expect(progress).toMatchObject({ phase: 'Suspended', checkpoint: { step: 4 } });
    expect(await valueOf(run)).toMatchObject(progress);
    await closed;
  });

  it('is answered in time when the step lasts longer, and the run is stopped all the same', async () => {
    const run = newRun();
    await using trainer = await trainerOf(run);
    const answer = await ask(run, { waitMs: 100 });
    expect(answer.headers?.get(headerNames.serviceError)).toBe('deadline-exceeded');
    expect(ErrorBody.parse(answer.json())).toMatchObject({ code: 'deadline-exceeded', message: expect.stringContaining('has not come to the end of its step yet') });
    expect(trainer.stop.aborted).toBe(true);
  });

  it('that cannot be read is refused, and the run goes on', async () => {
    const run = newRun();
    await using trainer = await trainerOf(run);
    const answer = await ask(run, { waitMs: 'long' });
    expect(ErrorBody.parse(answer.json())).toMatchObject({ code: 'invalid-request', message: expect.stringContaining('waitMs') });
    expect(trainer.stop.aborted).toBe(false);
  });
});
