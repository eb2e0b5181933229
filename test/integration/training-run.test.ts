import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { waitUntil } from '@grm/controller-runtime/testing';
import { loadCheckpoint } from '@grm/language-model';
import { RunProgress, runProgress } from '@grm/protocol';
import { connectNats, ensureRunsBucket } from '@grm/service-kit';
import { startNatsServer } from '@grm/service-kit/testing';
import { afterAll, expect, it } from 'vitest';
import { temporaryFolder } from '../support/index.ts';

const trainer = fileURLToPath(new URL('../../apps/trainer/dist/main.js', import.meta.url));
const manifest = `
apiVersion: grm.dev/v1alpha1
kind: GRMTrainingRun
metadata: {name: tiny}
spec:
  model: {hiddenSize: 16, layers: 1, heads: 2, intermediateSize: 32, vocabularySize: 1200, contextLength: 256}
  stages: {pretrain: {corpus: {builtin: nanobench}, tokens: 500000, warmupSteps: 5}}
  checkpoint: {everySteps: 100000}   # only where it stops
  engine: {embedded: {threads: 1}}
`;

const server = await startNatsServer();
const connection = await connectNats({ servers: [server.url], name: 'training-run.test' });
const bucket = await ensureRunsBucket(connection);
const folder = await temporaryFolder();
const processes: ChildProcess[] = [];
afterAll(async () => {
  for (const child of processes) child.kill('SIGKILL');
  await connection.close();
  await server[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

function start(): ChildProcess {
  const environment = { ...process.env, GRM_RUN: join(folder.path, 'run.yaml'), GRM_RUN_FOLDER: join(folder.path, 'run'), GRM_NATS_URL: server.url };
  const child = spawn(process.execPath, [trainer], { env: environment, stdio: 'ignore' });
  processes.push(child);
  return child;
}

async function progress(): Promise<RunProgress | undefined> {
  const entry = await bucket.get(runProgress({ namespace: 'default', run: 'tiny' }).key);
  return entry === null ? undefined : RunProgress.parse(entry.json());
}

it('a trainer that is told to stop saves, says so in grm-runs, and goes on to the end when it is started again', async () => {
  await writeFile(join(folder.path, 'run.yaml'), manifest);
  const first = start();
  await waitUntil(async () => ((await progress())?.stages[0]?.step ?? 0) > 0, { what: 'the first steps', withinMs: 90_000 });
  first.kill('SIGTERM');
  expect(await once(first, 'exit')).toEqual([75, null]);
  const stopped = await progress();
  expect(stopped).toMatchObject({ phase: 'Suspended', stages: [{ name: 'pretrain', state: 'Running' }] });
  expect(await readdir(join(folder.path, 'run', 'checkpoints'))).toEqual([expect.stringMatching(/^pretrain-\d{8}-[0-9a-f]{64}\.safetensors$/u)]);

  const second = start();
  expect(await once(second, 'exit')).toEqual([0, null]);
  const finished = await progress();
  expect(finished).toMatchObject({ phase: 'Complete', stages: [{ name: 'pretrain', state: 'Complete' }] });
  expect(finished?.stages[0]?.step).toBeGreaterThan(stopped?.stages[0]?.step ?? Infinity);
  const policy = await loadCheckpoint(join(folder.path, 'run', 'artifacts', 'policy'));
  expect(finished?.artifacts?.policy?.digest).toBe(policy.revision);
}, 300_000);
