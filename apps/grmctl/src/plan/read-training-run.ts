import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type GRMTrainingRun, parseManifests } from '@grm/resources';
import { CommandError } from '../command-error.ts';

export interface TrainingRunFile {
  readonly run: GRMTrainingRun;
  /** Where relative paths of the manifest start. */
  readonly folder: string;
}

/**
 * Reads the one training run of a manifest file, to reckon only.
 *
 * @param name which one, where the file has several.
 * @throws {ManifestError}
 * @throws {CommandError} when the file cannot be read or does not say which run is meant.
 */
export async function readTrainingRun(file: string, { name, folder }: { readonly name?: string; readonly folder: string }): Promise<TrainingRunFile> {
  const path = resolve(folder, file);
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new CommandError('usage', `${file} cannot be read; a manifest file with a GRMTrainingRun is needed`, { cause });
  });
  const runs = parseManifests(text, file, 'plan').filter((resource) => resource.kind === 'GRMTrainingRun');
  const wanted = name === undefined ? runs : runs.filter(({ metadata }) => metadata.name === name);
  const [run] = wanted;
  if (run !== undefined && wanted.length === 1) return { run, folder: dirname(path) };
  const names = runs.map(({ metadata }) => metadata.name).join(', ');
  if (runs.length === 0) throw new CommandError('usage', `${file} declares no GRMTrainingRun`);
  throw new CommandError('usage', name === undefined ? `${file} declares ${names}; choose one with --name` : `${file} declares no run ${name}; there is ${names}`);
}
