import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nanobenchItems } from '@grm/preferences';
import type { GateReport, JudgeRequest } from '@grm/protocol';
import { ensureTopology, gateReport, putGateReport } from '@grm/service-kit';
import { startNatsServer, type TestNatsServer } from '@grm/service-kit/testing';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FakeJudge, startFakeVoter } from '../testing/fake-voter.ts';
import { runGrmctl } from '../testing/run-grmctl.ts';
import { until } from '../testing/until.ts';

let folder = '';
let nats: TestNatsServer;
let connection: NatsConnection;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'grm-gate-'));
  nats = await startNatsServer();
  connection = await connect({ servers: nats.url });
});
afterAll(async () => {
  await connection.close();
  await nats[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const gate = (service: string, words: readonly string[], signal?: AbortSignal) =>
  runGrmctl(['gate', '--service', service, '--revision', 'rnew', ...words], { folder, environment: { GRM_NATS_URL: nats.url }, ...(signal && { signal }) });

/** A service with the queues of two revisions, as the operator makes them. */
async function service(name: string) {
  const address = { namespace: 'default', service: name };
  for (const revision of ['rold', 'rnew']) await ensureTopology(connection, { ...address, revision, limits: { maxPending: 100 } });
  return {
    voter: (revision: string | undefined, judge: FakeJudge) => startFakeVoter(nats.url, { ...address, ...(revision === undefined ? {} : { revision }) }, judge),
    report: (revision: string) => gateReport(connection, { ...address, revision }),
    keep: (revision: string, report: GateReport) => putGateReport(connection, { ...address, revision }, report),
  };
}

const items = [...nanobenchItems({ split: 'test', seed: 1, count: 20 })];
const numberOf = ({ conversation, responses }: JudgeRequest) => items.findIndex((item) => item.conversation[0]?.content === conversation[0]?.content && item.responses.join() === responses.join());
const scoresFor = (request: JudgeRequest, best: number) => request.responses.map((_, index) => (index === best ? 9 : 2));
const bestOf = (request: JudgeRequest) => items[numberOf(request)]?.best ?? -1;
const right: FakeJudge = (request) => scoresFor(request, bestOf(request));
/** Wrong on the first quarter of the items. */
const mostlyRight: FakeJudge = (request) => scoresFor(request, numberOf(request) < 5 ? (bestOf(request) + 1) % request.responses.length : bestOf(request));

describe('grmctl gate', () => {
  it('judges a suite by the revision alone, as the service would, and writes what it found', async () => {
    const { voter, report } = await service('judged');
    await using serving = await voter(undefined, () => 'internal');
    await using candidate = await voter('rnew', mostlyRight);
    const { code, output } = await gate('judged', ['--items', '20', '--json']);
    expect(code).toBe(0);
    const written = await report('rnew');
    expect(JSON.parse(output)).toEqual({ namespace: 'default', service: 'judged', revision: 'rnew', ...written });
    expect(written).toMatchObject({ suite: 'nanobench', items: 20, accuracy: 0.75, seed: 1 });
    expect(written?.picks.filter((pick, index) => pick === items[index]?.best)).toHaveLength(15);
    expect(written?.agreement).toBeUndefined();
    // Samples, temperature and vote are left to the service.
    const asked = candidate.requests.toSorted((one, other) => numberOf(one) - numberOf(other)).map(({ sampling, vote }) => ({ sampling, vote }));
    expect(asked).toEqual(items.map((_, index) => ({ sampling: { seed: index + 1 }, vote: undefined })));
    expect(serving.requests).toEqual([]);
  });

  it('compares with the serving revision, which judges the same where nobody remembers how it did', async () => {
    const { voter, report } = await service('live');
    await using _candidate = await voter('rnew', mostlyRight);
    await using serving = await voter('rold', right);
    const { code, output } = await gate('live', ['--items', '20', '--against', 'rold']);
    expect(code).toBe(0);
    expect(serving.requests).toHaveLength(20);
    expect((await report('rnew'))?.agreement).toEqual({ with: 'rold', value: 0.75, items: 20 });
    expect(output).toMatch(/accuracy +75\.0 % \[53\.1, 88\.8\]/);
    expect(output).toMatch(/agreement +75\.0 % with rold/);
    expect(await report('rold')).toBeUndefined();
  });

  it('asks nothing of a serving revision that was measured the same way before', async () => {
    const { voter, report, keep } = await service('known');
    await using _candidate = await voter('rnew', right);
    await using serving = await voter('rold', right);
    const picks = items.map(({ best }, index) => (index < 4 ? -1 : best));
    await keep('rold', { suite: 'nanobench', items: 20, accuracy: 0.8, low: 0.6, high: 0.9, picks, seed: 1, judgedAt: '2026-01-01T00:00:00.000Z' });
    expect((await gate('known', ['--items', '20', '--against', 'rold'])).code).toBe(0);
    expect(serving.requests).toEqual([]);
    expect((await report('rnew'))?.agreement).toEqual({ with: 'rold', value: 0.8, items: 20 });
    // Of other seeds it says nothing.
    expect((await gate('known', ['--items', '20', '--seed', '2', '--against', 'rold'])).code).toBe(0);
    expect(serving.requests).toHaveLength(20);
  });

  it('leaves agreement out, and says why, where the serving revision cannot be asked; accuracy stands', async () => {
    const { voter, report } = await service('alone');
    await using _candidate = await voter('rnew', right);
    await using _serving = await voter('rold', () => 'internal');
    const { code, errors } = await gate('alone', ['--items', '20', '--against', 'rold']);
    expect(code).toBe(0);
    expect(errors).toContain('no agreement with revision rold');
    expect(errors).toContain('it is internal');
    expect(await report('rnew')).toMatchObject({ accuracy: 1, items: 20 });
    expect((await report('rnew'))?.agreement).toBeUndefined();
  });

  it('counts an item without a readable judgement as wrong', async () => {
    const { voter, report } = await service('mute');
    await using _candidate = await voter('rnew', (request) => (numberOf(request) < 10 ? 'no-valid-sample' : right(request)));
    expect((await gate('mute', ['--items', '20'])).output).toMatch(/no verdict +10 items/);
    expect(await report('rnew')).toMatchObject({ accuracy: 0.5, picks: [...Array.from({ length: 10 }, () => -1), ...items.slice(10).map(({ best }) => best)] });
  });

  it('judges single responses by whether they are good enough', async () => {
    const { voter, report } = await service('single');
    const labels = new Map([...nanobenchItems({ split: 'test', seed: 1, count: 20, single: true })].map(({ conversation, responses, label }) => [JSON.stringify([conversation, responses]), label]));
    await using _candidate = await voter('rnew', ({ conversation, responses }) => [labels.get(JSON.stringify([conversation, responses])) === 1 ? 7 : 5]);
    expect((await gate('single', ['--suite', 'nanobench-single', '--items', '20'])).code).toBe(0);
    expect(await report('rnew')).toMatchObject({ suite: 'nanobench-single', accuracy: 1, picks: [...labels.values()] });
  });

  it('writes a report that says so, and fails, when not all can be judged', async () => {
    const { voter, report } = await service('broken');
    await using _candidate = await voter('rnew', (request) => (numberOf(request) === 7 ? 'internal' : right(request)));
    const { code, errors } = await gate('broken', ['--items', '20', '--concurrency', '1']);
    expect(code).toBe(1);
    expect(errors).toContain('7 of 20 items judged: it is internal');
    expect(await report('rnew')).toMatchObject({ items: 7, accuracy: 1, picks: [], error: '7 of 20 items judged: it is internal' });
  });

  it('leaves what was found standing where another attempt cannot judge the same, and replaces what one could not', async () => {
    const { voter, report, keep } = await service('retried');
    await using _candidate = await voter('rnew', () => 'internal');
    const good: GateReport = { suite: 'nanobench', items: 20, accuracy: 1, low: 0.8, high: 1, picks: items.map(({ best }) => best), seed: 1, judgedAt: '2026-01-01T00:00:00.000Z' };
    await keep('rnew', good);
    expect((await gate('retried', ['--items', '20'])).code).toBe(1);
    expect(await report('rnew')).toEqual(good);
    // Of other items it says nothing.
    expect((await gate('retried', ['--items', '10'])).code).toBe(1);
    expect((await report('rnew'))?.error).toContain('of 10 items judged');
  });

  it('has its report written within the deadline when nobody answers for the revision, which it waits for until then', async () => {
    const { report } = await service('absent');
    const began = Date.now();
    const { code } = await gate('absent', ['--items', '20', '--deadline', '3']);
    const took = Date.now() - began;
    // Its voters may come up after it.
    expect(took).toBeGreaterThan(1_000);
    expect(took).toBeLessThan(3_000);
    expect(code).toBe(1);
    expect((await report('rnew'))?.error).toContain('0 of 20 items judged');
  });

  it('writes nothing when it is ended from outside: that is no failure of the revision', async () => {
    const { voter, report } = await service('evicted');
    const ended = new AbortController();
    await using candidate = await voter('rnew', (request) => {
      if (candidate.requests.length === 5) ended.abort(new Error('SIGTERM'));
      return right(request);
    });
    expect((await gate('evicted', ['--items', '20'], ended.signal)).code).toBe(130);
    expect(await report('rnew')).toBeUndefined();
  });

  it('says that a suite has not so many items', async () => {
    const { report } = await service('greedy');
    const { code, errors } = await gate('greedy', ['--items', '10000']);
    expect(code).toBe(1);
    expect(errors).toContain('ran out of different test items');
    expect((await report('rnew'))?.error).toContain('ask for fewer');
  });

  it('says what is missing where the revision has no queue, and so nowhere to write to', async () => {
    await using empty = await startNatsServer();
    await using _voter = await startFakeVoter(empty.url, { namespace: 'default', service: 'unmade', revision: 'rnew' }, right);
    const { code, errors } = await runGrmctl(['gate', '--service', 'unmade', '--revision', 'rnew', '--items', '1', '--deadline', '2'], { folder, environment: { GRM_NATS_URL: empty.url } });
    expect(code).toBe(3);
    expect(errors).toContain('Its bucket is made with the queue of revision rnew');
  });

  it('asks on until NATS is back', async () => {
    const { voter, report } = await service('restart');
    const { promise: midway, resolve } = Promise.withResolvers<void>();
    await using candidate = await voter('rnew', (request) => {
      if (candidate.requests.length === 10) resolve();
      return right(request);
    });
    const gated = gate('restart', ['--items', '20', '--concurrency', '1']);
    await midway;
    await nats.stop('SIGKILL');
    await nats.start();
    expect((await gated).code).toBe(0);
    expect(await until('the report is there', () => report('rnew').catch(() => undefined))).toMatchObject({ accuracy: 1, items: 20 });
  });

  it('refuses names that are none', async () => {
    const { code, errors } = await runGrmctl(['gate', '--service', 'judged', '--revision', 'a.b'], { folder, environment: { GRM_NATS_URL: nats.url } });
    expect(code).toBe(4);
    expect(errors).toContain('revision "a.b" is not a valid name');
  });
});
