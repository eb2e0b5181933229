import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { formatModelAddress, isModelAddress } from '@grm/protocol';
import { mapRunSources, parseManifests, type GRMTrainingRun } from '@grm/resources';

/** A manifest that is not one training run. */
export class RunManifestError extends Error {
  override readonly name = 'RunManifestError';
  readonly file: string;

  constructor(file: string, problem: string, options?: ErrorOptions) {
    super(`${file}: ${problem}`, options);
    this.file = file;
  }
}

/**
 * The one GRMTrainingRun of a manifest file, YAML or JSON, its paths made absolute (they are relative to the manifest).
 * Addresses of models in an object store stay as they are.
 * @throws {RunManifestError}
 * @throws {ManifestError} the file is no manifest
 */
export async function readRun(file: string): Promise<GRMTrainingRun> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new RunManifestError(file, 'cannot be read', { cause });
  });
  const runs = parseManifests(text, file, 'cluster').filter((resource) => resource.kind === 'GRMTrainingRun');
  const [run] = runs;
  if (run === undefined || runs.length > 1) throw new RunManifestError(file, `holds ${runs.length} GRMTrainingRuns, needs one`);
  // A builtin or another run is left as it is: whoever starts the run resolves it, and a stage says so where nobody has.
  const { base } = run.spec;
  const found = mapRunSources(run, (source) => {
    switch (source.kind) {
      case 'volume':
        return placeOf(source.path, dirname(file));
      case 'builtin':
        return source.name;
      case 'object':
        return formatModelAddress(source);
      case 'artifact':
        return source.run.name;
    }
  });
  return base !== undefined && ('builtin' in base || 'trainingRun' in base) ? { ...found, spec: { ...found.spec, base } } : found;
}

function placeOf(path: string, folder: string): string {
  return isModelAddress(path) ? path : resolve(folder, path);
}
