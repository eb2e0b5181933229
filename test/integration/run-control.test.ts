import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { waitUntil } from '@grm/controller-runtime/testing';
import { RunProgress } from '@grm/protocol';
import { startNatsServer } from '@grm/service-kit/testing';
import { afterAll, expect, it } from 'vitest';
import { grmctl, repositoryFile, temporaryFolder } from '../support/index.ts';

const trainer = repositoryFile('apps/trainer/dist/main.js');
const manifest = `
apiVersion: grm.dev/v1alpha1
kind: GRMTrainingRun
metadata: {name: tiny}
spec:
  model: {hiddenSize: 16, layers: 1, heads: 2, intermediateSize: 32, vocabularySize: 1200, contextLength: 256}
  stages: {pretrain: {corpus: {builtin: nanobench}, tokens: 1000000, warmupSteps: 5}}
  checkpoint: {everySteps: 100000}   # only where it stops
  engine: {embedded: {threads: 1}}
`;

const server = await startNatsServer();
const folder = await temporaryFolder();
const processes: ChildProcess[] = [];
afterAll(async () => {
  for (const child of processes) child.kill('SIGKILL');
  await server[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

function startTrainer(): ChildProcess {
  const environment = { ...process.env, GRM_RUN: join(folder.path, 'run.yaml'), GRM_RUN_FOLDER: join(folder.path, 'run'), GRM_NATS_URL: server.url };
  const child = spawn(process.execPath, [trainer], { env: environment, stdio: 'ignore' });
  processes.push(child);
  return child;
}

const run = (command: string, ...words: string[]) => grmctl(folder.path, 'run', command, 'tiny', '--server', server.url, ...words);
const progress = async (): Promise<RunProgress> => RunProgress.parse(JSON.parse((await run('watch', '--once', '--json')).output));

it('a run is watched while it trains, suspended by its name, and goes on with what it knew and had used', async () => {
  await writeFile(join(folder.path, 'run.yaml'), manifest);
  const first = startTrainer();
  const firstEnd = once(first, 'exit');
  await waitUntil(async () => ((await progress()).stages[0]?.step ?? 0) > 0, { what: 'the first steps', withinMs: 90_000, everyMs: 200 });
  const watched = run('watch');
  const asked = await run('suspend', '--timeout', '60s');
  expect(asked).toMatchObject({ code: 0, output: expect.stringMatching(/^run tiny is suspended in stage pretrain at step \d+\/\d+; checkpoint: pretrain step \d+; started again/) });
  expect(await firstEnd).toEqual([75, null]);
  expect(await watched).toMatchObject({ code: 75, output: expect.stringMatching(/^tiny: Running\npretrain: Running [^]*tiny: Suspended/) });
  const suspended = await progress();
  expect(suspended).toMatchObject({ phase: 'Suspended', checkpoint: { stage: 'pretrain', verified: false } });
  expect(suspended.usage?.tokens).toBeGreaterThan(0);

  const second = startTrainer();
  const secondEnd = once(second, 'exit');
  const resumed = await waitUntil(async () => {
    const now = await progress();
    return now.phase === 'Running' && (now.stages[0]?.step ?? 0) > (suspended.stages[0]?.step ?? 0) && now;
  }, { what: 'steps after the checkpoint', withinMs: 60_000, everyMs: 200 });
  expect(resumed).toMatchObject({ checkpoint: { stage: 'pretrain', verified: true }, notices: expect.arrayContaining([expect.objectContaining({ reason: 'Resumed' })]) });
  expect(resumed.stages[0]?.startedAt).toBe(suspended.stages[0]?.startedAt);
  expect(await run('watch')).toMatchObject({ code: 0, output: expect.stringContaining('tiny: Complete') });
  expect(await secondEnd).toEqual([0, null]);
  const complete = await progress();
  expect(complete.usage?.tokens).toBeGreaterThanOrEqual(1_000_000);
  expect(complete.usage?.cpuHours).toBeGreaterThan(suspended.usage?.cpuHours ?? Infinity);
  expect(complete).not.toHaveProperty('checkpoint');
});
