import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type GRMTrainingRun, parseManifests } from '@grm/resources';
import { expect, it, onTestFinished } from 'vitest';
import { runDigest, runRecords } from './run-record.ts';

function runWith(fields: string): GRMTrainingRun {
  const text = `apiVersion: grm.dev/v1alpha1\nkind: GRMTrainingRun\nmetadata: {name: nano}\nspec: {base: {builtin: nano-base}, data: [{name: pairs, builtin: nanobench}], stages: {metaRM: {}}${fields}}\n`;
  const [run] = parseManifests(text, 'run.yaml');
  if (run?.kind !== 'GRMTrainingRun') throw new Error('not a run');
  return run;
}

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'grm-record-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

it.each(['suspend: true', 'checkpoint: {everySteps: 3}', 'rollouts: {replicas: 2}', 'engine: {embedded: {threads: 7}}', 'backoffLimit: 9'])('%s makes no other run', (field) => {
  expect(runDigest(runWith(`, ${field}`), [])).toBe(runDigest(runWith(''), []));
});

it('what is trained, and the files that it starts from, make another run', async () => {
  const model = join(await temporaryFolder(), 'config.json');
  await writeFile(model, '{}');
  const digest = runDigest(runWith(''), [model]);
  expect(runDigest(runWith(', seed: 2'), [model])).not.toBe(digest);
  expect(runDigest(runWith(''), [])).not.toBe(digest);
  await writeFile(model, '{"layers": 2}');
  expect(runDigest(runWith(''), [model])).not.toBe(digest);
});

it('a record that another version wrote is none: its digest would say that this is another run', async () => {
  const folder = await temporaryFolder();
  await runRecords.write(folder, 'sha256:0', 'started');
  expect(await runRecords.read(folder)).toMatchObject({ digest: 'sha256:0', state: 'started' });
  await writeFile(join(folder, 'local-run.json'), JSON.stringify({ digest: 'sha256:0', state: 'started', at: '2026-01-01T00:00:00Z' }));
  expect(await runRecords.read(folder)).toBeUndefined();
});
