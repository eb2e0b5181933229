import { cp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeCheckpoint } from '@grm/language-model';
import { type GRMTrainingRun, ManifestError } from '@grm/resources';
import { beforeAll, describe, expect, it } from 'vitest';
import type { RunEvent } from '../progress/run-event.ts';
import { judgementFor, scriptedRollouts, type Seen } from '../testing/scripted-rollouts.ts';
import { tinyBase } from '../testing/tiny-base.ts';
import { runFolder, tinyModel, tinyRun, trained } from '../testing/tiny-run.ts';
import { readRun, RunManifestError } from './read-run.ts';
import { RunFolderError } from './run-folder-error.ts';
import { readRunState, specDigest, stageDone } from './run-state.ts';

const pretraining = (tokens: number) => tinyRun(`${tinyModel}\n  stages: {pretrain: {corpus: {builtin: nanobench}, tokens: ${tokens}}}`);

describe("a run's folder", () => {
  it('is refused to another run', async () => {
    const folder = await runFolder();
    await stageDone(folder, await readRunState(folder, specDigest(pretraining(1000))), 'pretrain', null);
    const { outcome } = await trained(pretraining(2000), folder);
    expect(outcome).toBeInstanceOf(RunFolderError);
    expect(outcome).toMatchObject({ folder, message: expect.stringContaining('holds another run') });
  });

  it('with a state that cannot be read is an error that says what to do', async () => {
    const folder = await runFolder();
    await writeFile(join(folder, 'run-state.json'), '{');
    await expect(readRunState(folder, 'x')).rejects.toThrow(/remove the folder to start the run anew/u);
  });

  it('is the same for a run with other threads or retries, which train the same', () => {
    const run = pretraining(1000);
    expect(specDigest({ ...run, spec: { ...run.spec, backoffLimit: 9 } })).toBe(specDigest(run));
    expect(specDigest({ ...run, spec: { ...run.spec, seed: 9 } })).not.toBe(specDigest(run));
  });
});

describe('the manifest of a run', () => {
  const manifest = (kind: string, spec: string) => `apiVersion: grm.dev/v1alpha1\nkind: ${kind}\nmetadata: {name: x}\nspec: ${spec}\n`;
  const training = '{base: {volume: {path: ../base}}, data: [{name: own, volume: {path: pairs.jsonl}}], stages: {metaRM: {}}}';

  it('has its paths made absolute', async () => {
    const folder = await runFolder();
    const file = join(folder, 'run.yaml');
    await writeFile(file, manifest('GRMTrainingRun', training));
    const { spec } = await readRun(file);
    expect(spec.base).toEqual({ volume: { path: join(folder, '../base') } });
    expect(spec.data).toEqual([{ name: 'own', volume: { path: join(folder, 'pairs.jsonl') } }]);
  });

  it('that is missing, is no manifest or holds no training run is an error that names the file', async () => {
    const folder = await runFolder();
    const file = join(folder, 'run.yaml');
    await expect(readRun(file)).rejects.toThrow(RunManifestError);
    await writeFile(file, manifest('GRMTrainingRun', '{stages: {}}'));
    await expect(readRun(file)).rejects.toThrow(ManifestError);
    await writeFile(file, manifest('GRMInferenceService', '{model: {builtin: nano-judge}}'));
    await expect(readRun(file)).rejects.toThrow(/holds 0 GRMTrainingRuns, needs one/u);
  });
});

describe('a run that is killed when a stage has put its policy in place', () => {
  const guess = ({ order, seed }: Seen): string => judgementFor(seed % order.length, { order });
  const openRollouts = () => Promise.resolve(scriptedRollouts(guess));
  const policyOf = (folder: string): string => join(folder, 'artifacts', 'policy');
  const revisionOf = async (folder: string): Promise<string> => (await describeCheckpoint(policyOf(folder))).revision;
  let run: GRMTrainingRun;
  let whole: string;

  beforeAll(async () => {
    run = tinyRun(`base: {volume: {path: ${await tinyBase()}}}\n  stages: {grpo: {batchSize: 16, steps: 4, learningRate: 1e-2, warmupSteps: 0}}\n  checkpoint: {everySteps: 2}`);
    const folder = await runFolder();
    await trained(run, folder, { openRollouts });
    whole = await revisionOf(folder);
  });

  /** A run that is cut short at an event, as by SIGKILL. */
  async function killedAt(type: RunEvent['type']): Promise<string> {
    const folder = await runFolder();
    await trained(run, folder, { openRollouts }, (event) => {
      if (event.type === type) throw new Error('killed');
    });
    return folder;
  }

  it('ends with the same weights, although its state does not say yet that the stage is done', async () => {
    for (const type of ['artifact-saved', 'stage-finished'] as const) {
      const folder = await killedAt(type);
      expect((await trained(run, folder, { openRollouts })).outcome).toBe('Complete');
      expect(await revisionOf(folder)).toBe(whole);
    }
  });

  it('ends with the same weights when the checkpoints of the stage were gone already', async () => {
    const folder = await killedAt('stage-finished');
    await rm(join(folder, 'checkpoints'), { recursive: true });
    const { outcome, events } = await trained(run, folder, { openRollouts });
    expect(outcome).toBe('Complete');
    expect(events.filter(({ type }) => type === 'stage-advanced')).toEqual([]);
    expect(await revisionOf(folder)).toBe(whole);
  });

  it('ends with the same weights when the policy before had been moved aside, and the new one was not there yet', async () => {
    const folder = await killedAt('stage-finished');
    await rename(policyOf(folder), join(folder, 'finished'));
    const base = run.spec.base !== undefined && 'volume' in run.spec.base ? run.spec.base.volume.path : '';
    await cp(base, `${policyOf(folder)}.old-1`, { recursive: true });
    const started = await readRunState(folder, specDigest(run));
    await stageDone(folder, started, 'rft', (await describeCheckpoint(base)).revision);
    expect((await trained(run, folder, { openRollouts })).outcome).toBe('Complete');
    expect(await revisionOf(folder)).toBe(whole);
  });
});
