import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mapRunSources, parseManifests, type GRMTrainingRun } from '@grm/resources';

const trainer = fileURLToPath(new URL('../apps/trainer/dist/main.js', import.meta.url));

export interface TrainRunOptions {
  readonly run: GRMTrainingRun;
  /** File that the run was read from: its paths are relative to that file's folder. */
  readonly from: string;
  /** The run's folder; a run that was interrupted there goes on. */
  readonly folder: string;
  /** Folder that builtin models are in. */
  readonly models: string;
  /** Only errors are shown. */
  readonly quiet?: boolean;
}

/** Carries out one training run without NATS, in a process of its own. @throws where the trainer fails */
export async function trainRun({ run, from, folder, models, quiet = false }: TrainRunOptions): Promise<void> {
  const resolved = mapRunSources(run, (source) => (source.kind === 'builtin' ? join(models, source.name) : resolve(dirname(from), source.path)));
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'run.json');
  await writeFile(file, JSON.stringify(resolved, undefined, 2));
  const child = spawn(process.execPath, [trainer, '--standalone'], {
    stdio: quiet ? ['ignore', 'ignore', 'inherit'] : 'inherit',
    env: { ...process.env, GRM_RUN: file, GRM_RUN_FOLDER: folder },
  });
  const stop = (): void => void child.kill('SIGTERM');
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, stop);
  const [code]: unknown[] = await once(child, 'exit');
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.off(signal, stop);
  if (code !== 0) throw new Error(`the trainer of ${run.metadata.name} ended with ${String(code)}`);
}

/** The one run of a manifest file. */
export async function readTrainingRun(file: string): Promise<GRMTrainingRun> {
  const [run] = parseManifests(await readFile(file, 'utf8'), file);
  if (run?.kind !== 'GRMTrainingRun') throw new Error(`${file} holds no GRMTrainingRun`);
  return run;
}
