import { copyFile, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { modelsBucket } from '@grm/protocol';
import { fetchModel } from '@grm/service-kit';
import type { Command } from 'commander';
import { CommandError } from '../command-error.ts';
import { authorityOption, credentialsOption, folderOption, jsonOption, serverOption } from '../command-options.ts';
import { modelFiles, sha256Of } from '../model/model-files.ts';
import { readModel } from '../model/read-model.ts';
import { stageFolder } from '../model/stage-folder.ts';
import { asStoreError, namesStoredModel, storedModel } from '../model/stored-model.ts';
import { natsTarget, type NatsTargetOptions } from '../service/nats-target.ts';
import { openConnection } from '../service/open-connection.ts';
import { startProgress } from '../terminal/progress.ts';
import { type Terminal, writeJson, writeLine } from '../terminal/terminal.ts';

interface PullOptions extends NatsTargetOptions {
  readonly revision?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

export function registerModelPull(model: Command, terminal: Terminal): void {
  model
    .command('pull')
    .summary('copy a model into a folder, its digest verified')
    .description(
      `Copies a model and checks every file's SHA-256 and that it can be opened. The source is a Hugging Face folder, a .gguf file, or nats://BUCKET/KEY, what \`grmctl model push\` or a training run put into a NATS object store (nats:KEY for bucket ${modelsBucket}). Nothing is fetched from a hub.`,
    )
    .argument('<source>', 'a Hugging Face folder, a .gguf file, or nats://BUCKET/KEY')
    .argument('<target>', 'folder to write; must not exist or be empty')
    .option('--revision <digest>', 'the revision that it must have, as `grmctl model inspect` shows it')
    .option('--force', 'replace what the folder holds')
    .addOption(serverOption())
    .addOption(credentialsOption())
    .addOption(authorityOption())
    .addOption(folderOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExamples:\n  grmctl model pull nats://grm-models/team-a.nano/policy models/nano --server nats://nats:4222\n  grmctl model pull /mnt/judges/nano models/nano')
    .action((source: string, target: string, options: PullOptions) => pull(source, target, options, terminal));
}

async function pull(source: string, target: string, options: PullOptions, terminal: Terminal): Promise<void> {
  const folder = resolve(terminal.folder, target);
  const revisions: string[] = [];
  await stageFolder(folder, options.force === true, async (staged) => {
    if (namesStoredModel(source)) await pullStored(source, staged, options, terminal);
    else await pullFiles(resolve(terminal.folder, source), staged, terminal);
    const { revision } = await readModel(await openable(staged), terminal.folder);
    if (options.revision !== undefined && options.revision !== revision) {
      throw new CommandError('failure', `${source} has revision ${revision}, not ${options.revision}; nothing was written`);
    }
    revisions.push(revision);
  });
  const path = await openable(folder);
  const [revision = ''] = revisions;
  if (options.json === true) writeJson(terminal.output, { path, revision });
  else writeLine(terminal.output, `${path} has revision ${revision}`);
}

async function pullStored(source: string, staged: string, options: PullOptions, terminal: Terminal): Promise<void> {
  const address = storedModel(source);
  const connection = await openConnection(await natsTarget(options, terminal));
  const cache = join(staged, '.fetched');
  try {
    using progress = startProgress(terminal.errors, 'fetching');
    const { path, revision } = await fetchModel({ connection, address, cache, signal: terminal.signal, progress: (done, total, file) => progress.update(done, total, `bytes, ${file}`) });
    const folder = path.endsWith('.gguf') ? dirname(path) : path;
    for (const name of await readdir(folder)) await rename(join(folder, name), join(staged, name));
    const { revision: found } = await readModel(await openable(staged), terminal.folder);
    if (found !== revision) throw new CommandError('failure', `${source} has revision ${found}, its index says ${revision}; push it again`);
  } catch (error) {
    throw asStoreError(error);
  } finally {
    await connection.close();
    await rm(cache, { recursive: true, force: true });
  }
}

async function pullFiles(source: string, staged: string, { signal, folder }: Terminal): Promise<void> {
  const description = await readModel(source, folder);
  for (const { name } of await modelFiles(description.path)) {
    const [from, to] = [join(description.path, name), join(staged, name === '' ? basename(description.path) : name)];
    await copyFile(from, to);
    if ((await sha256Of(from, signal)) !== (await sha256Of(to, signal))) throw new CommandError('failure', `${to} differs from ${from} after copying; check the disk`);
  }
}

/** The model in a folder: its .gguf file if there is one, else the folder itself. */
async function openable(folder: string): Promise<string> {
  const gguf = (await readdir(folder)).find((name) => name.endsWith('.gguf'));
  return gguf === undefined ? folder : join(folder, gguf);
}
