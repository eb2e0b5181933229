import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorCodes, headerNames, RunProgress, runProgress, runSubjects, Suspension } from '@grm/protocol';
import { ensureRunsBucket } from '@grm/service-kit';
import { startNatsServer, type TestNatsServer } from '@grm/service-kit/testing';
import type { KV } from '@nats-io/kv';
import { connect, headers as createHeaders, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { runGrmctl, type Ran } from '../testing/run-grmctl.ts';
import { scriptedEvaluation, scriptedProgress } from '../testing/scripted-progress.ts';
import { spawnGrmctl } from '../testing/spawn-grmctl.ts';
import { until } from '../testing/until.ts';

let folder = '';
let server: TestNatsServer;
let connection: NatsConnection;
let bucket: KV;
let runs = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'grm-run-'));
  server = await startNatsServer();
  connection = await connect({ servers: server.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
  bucket = await ensureRunsBucket(connection);
});
afterAll(async () => {
  await connection.close();
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

type Changes = Parameters<typeof scriptedProgress>[0];

/** A run that is there, by its first value. */
async function newRun(changes: Changes = {}): Promise<{ name: string; write: (changes: Changes) => Promise<number> }> {
  const name = `run-${++runs}`;
  const write = (values: Changes): Promise<number> => bucket.put(runProgress({ namespace: 'default', run: name }).key, JSON.stringify(scriptedProgress(values)));
  await write(changes);
  return { name, write };
}

const grmctl = (...words: string[]): Promise<Ran> => runGrmctl(['run', ...words], { folder, environment: { GRM_NATS_URL: server.url } });
const spawned = (...words: string[]) => spawnGrmctl(['run', ...words], { GRM_NATS_URL: server.url });
const has = (text: () => string, part: string | RegExp) => until(`${String(part)} in:\n${text()}`, () => (part instanceof RegExp ? part.test(text()) : text().includes(part)) || undefined);

describe('grmctl run watch', () => {
  it('prints a line for what changes where it is no terminal, and ends with the run', async () => {
    const { name, write } = await newRun({ notices: [], conditions: [] });
    const watch = spawned('watch', name);
    await has(watch.output, 'grpo: Running 12/60');
    await write({ step: 20 });
    await has(watch.output, 'KLWithinLimit is False (RolledBack)');
    const [rft] = scriptedProgress().stages;
    await write({ phase: 'Complete', stages: [...(rft === undefined ? [] : [rft]), { name: 'grpo', state: 'Complete', step: 60, steps: 60 }], evaluation: scriptedEvaluation });
    expect(await watch.exitCode).toBe(0);
    expect(watch.output().split('\n')).toEqual([
      `${name}: Running`,
      'rft: Complete 1200/1200, loss 0.6123, kept 4,321, 12 min',
      'grpo: Running 12/60, reward 0.6, kl 0.01235, liveGroups 20, 2 min, about 4 min left in grpo, then evaluation',
      'checkpoint: grpo step 10, verified',
      'KLWithinLimit is False (RolledBack)',
      expect.stringContaining('WARNING KLRollback'),
      `${name}: Complete`,
      'grpo: Complete 60/60',
      'SUITE      METHOD  ACCURACY        95 %         ITEMS',
      'nanobench  greedy  71.2            68.4 - 74.0  1000',
      'single     vote@8  81.3 (ROC-AUC)  78.4 - 84.0  500',
      '',
    ]);
    expect(watch.errors()).toBe('');
  });

  it('prints each value as a line of JSON with --json', async () => {
    const { name, write } = await newRun();
    const watch = spawned('watch', name, '--json');
    await has(watch.output, '\n');
    await write({ step: 20, phase: 'Failed', message: 'grpo diverged at step 20' });
    expect(await watch.exitCode).toBe(1);
    const lines = watch.output().trimEnd().split('\n').map((line): unknown => JSON.parse(line));
    expect(lines).toEqual([
      { namespace: 'default', run: name, ...scriptedProgress() },
      { namespace: 'default', run: name, ...scriptedProgress({ step: 20, phase: 'Failed', message: 'grpo diverged at step 20' }) },
    ]);
    expect(JSON.parse(watch.errors())).toEqual({ error: { code: 1, message: `run ${name} failed: grpo diverged at step 20` } });
  });

  it('says that the trainer may be lost when nothing has come for three heartbeats', async () => {
    const { name, write } = await newRun({ heartbeatSeconds: 0.3, conditions: [], notices: [] });
    const watch = spawned('watch', name);
    await has(watch.output, /no sign of life for \d+ s \(expected every 0\.3 s\): the trainer may be lost/);
    await write({ phase: 'Suspended', message: 'stopped in stage grpo' });
    expect(await watch.exitCode).toBe(75);
    expect(watch.errors()).toContain(`run ${name} is suspended: stopped in stage grpo`);
  });

  it('says that the server is gone, and goes on when it is back', async () => {
    const { name, write } = await newRun();
    const watch = spawned('watch', name);
    await has(watch.output, 'Running');
    await server.stop();
    await has(watch.output, 'the connection to NATS is down');
    await server.start();
    await until('the bucket answers again', () => write({ phase: 'Complete' }).catch(() => undefined));
    expect(await watch.exitCode).toBe(0);
  });

  it('ends at once with --once, also while the run goes on', async () => {
    const { name } = await newRun();
    const once = await grmctl('watch', name, '--once');
    expect(once).toMatchObject({ code: 0, errors: '' });
    expect(once.output).toMatch(/grpo +Running +█+░+ 12\/60/u);
    expect(JSON.parse((await grmctl('watch', name, '--once', '--json')).output)).toMatchObject({ run: name, phase: 'Running' });
  });

  it('ends with Ctrl-C', async () => {
    const { name } = await newRun();
    const watch = spawned('watch', name);
    await has(watch.output, 'Running');
    watch.interrupt();
    expect(await watch.exitCode).toBe(130);
  });

  it('says what is wrong: no server, no bucket, no such run, a value of another version', async () => {
    const nowhere = await grmctl('watch', 'nano', '--server', 'nats://127.0.0.1:1');
    expect(nowhere).toMatchObject({ code: 3, errors: expect.stringContaining('no NATS server answers at nats://127.0.0.1:1') });

    await using empty = await startNatsServer();
    const unreported = await grmctl('watch', 'nano', '--server', empty.url);
    expect(unreported).toMatchObject({ code: 3, errors: expect.stringContaining(`no run has been reported at ${empty.url}`) });

    const { name } = await newRun();
    await bucket.put('prod.big', JSON.stringify(scriptedProgress()));
    const unknown = await grmctl('watch', 'nano');
    expect(unknown).toMatchObject({ code: 3, errors: expect.stringMatching(new RegExp(`no run nano in namespace default .*there are .*${name}.*in other namespaces \\(--namespace\\): prod/big`)) });
    expect(await grmctl('watch', 'big', '--namespace', 'prod', '--once')).toMatchObject({ code: 0, output: expect.stringContaining('big in prod  Running') });

    await bucket.put('default.strange', '{"phase": "Dreaming"}');
    expect(await grmctl('watch', 'strange')).toMatchObject({ code: 1, errors: expect.stringContaining('its trainer may be of another version') });
    expect(await grmctl('watch', 'No.Name')).toMatchObject({ code: 2, errors: expect.stringContaining('run "No.Name" is not a valid name') });
  });
});

describe('grmctl run suspend', () => {
  /** A trainer that answers as told. @returns the requests that it got */
  function scriptedTrainer(run: string, answer: (message: Msg) => void): Suspension[] {
    const asked: Suspension[] = [];
    const subscription = connection.subscribe(runSubjects({ namespace: 'default', run }).suspend, {
      callback: (_, message) => {
        asked.push(Suspension.parse(message.json()));
        answer(message);
      },
    });
    onTestFinished(() => subscription.unsubscribe());
    return asked;
  }
  const suspended = { step: 13, phase: 'Suspended' as const, message: 'stopped in stage grpo' };

  it('waits until the trainer has saved and ended, and says where the run is', async () => {
    const { name } = await newRun();
    const asked = scriptedTrainer(name, (message) => message.respond(JSON.stringify(scriptedProgress(suspended))));
    await connection.flush();
    const ran = await grmctl('suspend', name, '--timeout', '20s');
    expect(ran).toMatchObject({
      code: 0,
      output: `run ${name} is suspended in stage grpo at step 13/60; checkpoint: grpo step 10, verified; started again it goes on from there\n`,
      errors: expect.stringContaining('it finishes the step in hand and saves first'),
    });
    expect(asked).toEqual([{ waitMs: 20_000 }]);
    expect(RunProgress.loose().parse(JSON.parse((await grmctl('suspend', name, '--json')).output))).toMatchObject({ run: name, phase: 'Suspended' });
  });

  it('ends with 5 when the step lasts longer than the time given', async () => {
    const { name } = await newRun();
    scriptedTrainer(name, (message) => {
      const headers = createHeaders();
      headers.set(headerNames.serviceErrorCode, String(errorCodes['deadline-exceeded'].status));
      message.respond(JSON.stringify({ code: 'deadline-exceeded', message: 'not yet' }), { headers });
    });
    await connection.flush();
    expect(await grmctl('suspend', name, '--timeout', '1s')).toMatchObject({ code: 5, errors: expect.stringContaining('not yet') });
  });

  it('is content with a run that is suspended already, and refuses one that has ended', async () => {
    const already = await newRun(suspended);
    expect(await grmctl('suspend', already.name)).toMatchObject({ code: 0, output: expect.stringContaining('is suspended in stage grpo at step 13/60') });
    const over = await newRun({ phase: 'Complete' });
    expect(await grmctl('suspend', over.name)).toMatchObject({ code: 1, errors: expect.stringContaining('has ended: Complete; there is nothing to suspend') });
  });

  it('says that a run has no trainer any more, and what to do', async () => {
    const { name } = await newRun();
    expect(await grmctl('suspend', name)).toMatchObject({
      code: 3,
      errors: expect.stringMatching(/no trainer of run run-\d+ answers; its last sign of life was \d+ s ago \(expected every 5 s\)\. If it was killed, starting it again/),
    });
  });
});
