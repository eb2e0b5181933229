import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type GateReport, type NatsUser, rolloutSubjects, runProgress, subjects } from '@grm/protocol';
import { connectNats, createLog, Configuration, ensureObjectStore, ensureRunsBucket, putGateReport, StoredModelError, fetchModel } from '@grm/service-kit';
import { startNatsServer, type TestNatsServer } from '@grm/service-kit/testing';
import type { NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { newNatsAccount } from '../../nats-account/new-nats-account.ts';
import { natsOfRuns } from '../nats-of-runs.ts';
import { natsOfServices } from '../nats-of-services.ts';
import { RunProgressWatch } from '../progress/run-progress-watch.ts';
import { accountSigner } from './account-signer.ts';
import { issueUser } from './issue-user.ts';

const service = { namespace: 'team-a', service: 'judge' } as const;
const run = { namespace: 'team-a', run: 'nano' } as const;
const stopping = new AbortController();
let folder: string;
let server: TestNatsServer;
let connection: NatsConnection;
let connect: (user: NatsUser) => Promise<NatsConnection>;
/** What the server has refused the operator. */
const refused: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'grm-operator-user-'));
  const account = await newNatsAccount();
  server = await startNatsServer({ configuration: account.resolver });
  const signer = accountSigner(account.accountSeed, 'test');
  connect = async (user) => {
    const credentials = join(folder, `${user.role}.creds`);
    await writeFile(credentials, (await issueUser({ user, signer, now: new Date() })).credentials);
    return connectNats({ servers: [server.url], name: user.role, credentials, timeoutMs: 5_000, onError: (error) => refused.push(error.message) });
  };
  connection = await connect({ role: 'operator' });
});
afterAll(async () => {
  stopping.abort();
  await connection.close();
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const report: GateReport = { suite: 'nanobench', items: 1, accuracy: 1, low: 0.5, high: 1, picks: [0], seed: 1, judgedAt: '2026-11-26T12:00:00Z' };

it('an operator with a user of its role makes, reads and removes all that it has to', async () => {
  const log = createLog('operator', Configuration.parse({ GRM_LOG_LEVEL: 'silent' }));
  const heard = Promise.withResolvers<string>();
  const progress = new RunProgressWatch({ link: { connection }, namespaces: 'all', log, now: () => new Date(), changed: ({ run: name }) => heard.resolve(name), availabilityChanged: () => {} });
  const watching = progress.run(stopping.signal);
  const runs = natsOfRuns({ link: { connection }, progress });
  const services = natsOfServices({ link: { connection }, listenMs: 200 });

  for (const bucket of ['grm-models', 'grm-checkpoints']) await ensureObjectStore(connection, bucket, 'of the test');
  await runs.ensureRolloutTopology(run);
  await (await ensureRunsBucket(connection)).put(runProgress(run).key, JSON.stringify({ phase: 'Running', stages: [], updatedAt: new Date().toISOString(), trainer: 'x' }));
  expect(await heard.promise).toBe(run.run);
  expect(await runs.requestSuspend(run, 100, stopping.signal)).toEqual({ kind: 'nobody' });
  const revision = { ...service, revision: 'r1' };
  await services.ensure(service, ['r1', 'r2'], 100);
  expect(await services.drained(revision)).toBe(true);
  expect(await services.read(revision)).toMatchObject({ samples: 0, metaRM: 0 });
  expect(await services.gateReport(revision)).toBeUndefined();

  const gate = await connect({ role: 'gate', ...service });
  await putGateReport(gate, revision, report);
  await gate.close();
  expect(await services.gateReport(revision)).toEqual(report);
  await expect(fetchModel({ connection, address: { bucket: 'grm-models', key: 'x' }, cache: folder, signal: stopping.signal })).rejects.toThrow(StoredModelError);

  await services.removeRevision(revision);
  await services.removeAll(service);
  await runs.removeCheckpoints(run, 'grm-checkpoints');
  await runs.removeProgress(run);
  await runs.removeRolloutTopology(run);
  const names = (await connection.request('$JS.API.STREAM.NAMES', '{}')).json<{ streams: string[] }>().streams;
  expect(names.toSorted()).toEqual(['KV_grm-gates', 'KV_grm-runs', 'OBJ_grm-checkpoints', 'OBJ_grm-models']);
  expect(names).not.toContain(subjects(service).work.stream);
  expect(names).not.toContain(rolloutSubjects(run).stream);
  stopping.abort();
  await watching;
  expect(refused).toEqual([]);
});
