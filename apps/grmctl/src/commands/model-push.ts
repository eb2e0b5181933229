import { basename, dirname } from 'node:path';
import { formatModelAddress, modelsBucket } from '@grm/protocol';
import { publishModel } from '@grm/service-kit';
import type { Command } from 'commander';
import { CommandError } from '../command-error.ts';
import { authorityOption, credentialsOption, folderOption, jsonOption, serverOption } from '../command-options.ts';
import { modelFiles } from '../model/model-files.ts';
import { readModel } from '../model/read-model.ts';
import { asStoreError, namesStoredModel, storedModel } from '../model/stored-model.ts';
import { natsTarget, type NatsTargetOptions } from '../service/nats-target.ts';
import { openConnection } from '../service/open-connection.ts';
import { startProgress } from '../terminal/progress.ts';
import { type Terminal, writeJson, writeLine } from '../terminal/terminal.ts';

interface PushOptions extends NatsTargetOptions {
  readonly json?: boolean;
}

export function registerModelPush(model: Command, terminal: Terminal): void {
  model
    .command('push')
    .summary('put a model into a NATS object store, for services to fetch')
    .description(
      `Puts a model's files into a NATS object store, each read back and compared, in the place of a model under the same key. A service serves it as model: {objectStore: {bucket, key}}. nats:KEY stands for bucket ${modelsBucket}.`,
    )
    .argument('<path>', 'a Hugging Face folder or a .gguf file')
    .argument('<address>', 'nats://BUCKET/KEY; the bucket is made where there is none')
    .addOption(serverOption())
    .addOption(credentialsOption())
    .addOption(authorityOption())
    .addOption(folderOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExamples:\n  grmctl model push models/nano-judge nats://grm-models/judges/nano --server nats://nats:4222 --creds admin.creds')
    .action((path: string, address: string, options: PushOptions) => push(path, address, options, terminal));
}

async function push(source: string, target: string, options: PushOptions, terminal: Terminal): Promise<void> {
  if (!namesStoredModel(target)) throw new CommandError('usage', `${target} is no place in an object store; give nats://BUCKET/KEY`);
  const address = storedModel(target);
  const { path, revision, name } = await readModel(source, terminal.folder);
  if (address.revision !== undefined && address.revision !== revision) throw new CommandError('failure', `${source} has revision ${revision}, not ${address.revision}; nothing was put there`);
  const found = await modelFiles(path);
  // One file alone is a .gguf file.
  const alone = found.length === 1 && found[0]?.name === '';
  const connection = await openConnection(await natsTarget(options, terminal));
  try {
    using progress = startProgress(terminal.errors, 'sending');
    const published = await publishModel({
      connection,
      address: { bucket: address.bucket, key: address.key },
      folder: alone ? dirname(path) : path,
      files: alone ? [basename(path)] : found.map((file) => file.name),
      revision,
      signal: terminal.signal,
      progress: (done, total, file) => progress.update(done, total, `bytes, ${file}`),
    });
    if (options.json === true) writeJson(terminal.output, { address: formatModelAddress(published), revision });
    else writeLine(terminal.output, `${name} is at ${formatModelAddress({ bucket: address.bucket, key: address.key })}, revision ${revision}`);
  } catch (error) {
    throw asStoreError(error);
  } finally {
    await connection.close();
  }
}
