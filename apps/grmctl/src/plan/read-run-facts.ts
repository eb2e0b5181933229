import { createReadStream, existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { type Architecture, ArchitectureError, parseArchitecture, type RunFacts, shapeArchitecture } from '@grm/estimate';
import type { BaseModel } from '@grm/resources';
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
  const { base, model, stages } = run.spec;
  if (base === undefined && model === undefined) throw new TypeError('a run has base or model, as its schema says');
  const policy = model === undefined ? base && (await architectureOf(base, folder)) : shapeArchitecture(model);
  if (policy === undefined) throw new TypeError('a run without model has base, as its schema says');
  const filter = stages.grpo?.filter?.model;
  const kept = stages.rft?.kept === undefined ? undefined : resolve(folder, stages.rft.kept.volume.path);
  return {
    policy,
    ...(filter === undefined ? {} : { filter: await architectureOf(filter, folder) }),
    ...(kept === undefined || !existsSync(kept) ? {} : { keptJudgements: await linesOf(kept) }),
  };
}

async function architectureOf(model: BaseModel, manifestFolder: string): Promise<Architecture> {
  try {
    const site = localSite({ folder: localFolder('.grm'), programs: PROGRAMS_FOLDER, manifestFolder, natsUrl: '', logLevel: '' });
    const { path } = site.resolve('builtin' in model ? { kind: 'builtin', name: model.builtin } : { kind: 'volume', path: model.volume.path });
    const file = join(path, 'config.json');
    if (!existsSync(file)) throw new CommandError('usage', `${file} does not exist: a plan reads a model's shape from the config.json of a Hugging Face folder`);
    return parseArchitecture(JSON.parse(await readFile(file, 'utf8')), file);
  } catch (error) {
    if (error instanceof ArchitectureError || error instanceof ReferenceNotFoundError || error instanceof SyntaxError) {
      throw new CommandError('usage', error.message, { cause: error });
    }
    throw error;
  }
}

/** Lines with something on them. */
async function linesOf(file: string): Promise<number> {
  let lines = 0;
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) if (line.trim() !== '') lines += 1;
  return lines;
}
