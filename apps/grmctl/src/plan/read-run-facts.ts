import { createReadStream, existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { type Architecture, ArchitectureError, parseArchitecture, type RunFacts, shapeArchitecture } from '@grm/estimate';
import type { BaseModel, TrainingRunSpec } from '@grm/resources';
import type { Reference } from '@grm/workloads';
import { CommandError } from '../command-error.ts';
import { localFolder } from '../local/local-folder.ts';
import { localSite, ReferenceNotFoundError } from '../local/local-site.ts';
import { PROGRAMS_FOLDER } from '../programs-folder.ts';
import type { TrainingRunFile } from './read-training-run.ts';

/**
 * Reads what a run's manifest points at: the shapes of its models, and how many judgements are kept already.
 * @throws {CommandError} when a model's shape cannot be read.
 */
export async function readRunFacts({ run, folder }: TrainingRunFile): Promise<RunFacts> {
  const { rft, grpo } = run.spec.stages;
  const filter = grpo?.filter?.model;
  const kept = rft?.kept === undefined ? undefined : resolve(folder, rft.kept.volume.path);
  return {
    policy: await policyOf(run.spec, folder),
    ...(filter === undefined ? {} : { filter: await architectureOf(filter, folder) }),
    ...(kept === undefined || !existsSync(kept) ? {} : { keptJudgements: await linesOf(kept) }),
  };
}

async function policyOf({ base, model }: TrainingRunSpec, folder: string): Promise<Architecture> {
  if (model !== undefined) return shapeArchitecture(model);
  if (base === undefined) throw new TypeError('a run without model has base, as its schema says');
  return architectureOf(base, folder);
}

async function architectureOf(model: BaseModel, manifestFolder: string): Promise<Architecture> {
  const file = join(folderOf(model, manifestFolder), 'config.json');
  if (!existsSync(file)) throw new CommandError('usage', `${file} does not exist: a plan reads a model's shape from the config.json of a Hugging Face folder`);
  const text = await readFile(file, 'utf8');
  try {
    return parseArchitecture(JSON.parse(text), file);
  } catch (error) {
    if (error instanceof ArchitectureError) throw new CommandError('usage', error.message, { cause: error });
    if (error instanceof SyntaxError) throw new CommandError('usage', `${file}: ${error.message}`, { cause: error });
    throw error;
  }
}

function folderOf(model: BaseModel, manifestFolder: string): string {
  const site = localSite({ folder: localFolder('.grm'), programs: PROGRAMS_FOLDER, manifestFolder, natsUrl: '', logLevel: '' });
  try {
    return site.resolve(referenceOf(model)).path;
  } catch (error) {
    throw error instanceof ReferenceNotFoundError ? new CommandError('usage', error.message, { cause: error }) : error;
  }
}

function referenceOf(model: BaseModel): Reference {
  if ('builtin' in model) return { kind: 'builtin', name: model.builtin };
  if ('volume' in model) return { kind: 'volume', path: model.volume.path };
  if ('trainingRun' in model) return { kind: 'artifact', run: { namespace: 'default', name: model.trainingRun.name }, artifact: 'policy' };
  throw new CommandError('usage', `base.objectStore cannot be reckoned with from here: fetch it first, e.g. with \`grmctl model pull\`, and say base: {volume: {path: ...}}`);
}

/** Lines with something on them. */
async function linesOf(file: string): Promise<number> {
  let lines = 0;
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) if (line.trim() !== '') lines += 1;
  return lines;
}
