import { createHash } from 'node:crypto';
import { access, open, readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { Tokenizer } from '../tokenizer/tokenizer.ts';
import type { PromptEncoding } from '../tokenizer/encode-prompt.ts';
import { TokenizerError } from '../tokenizer/tokenizer-error.ts';
import { folderChatTemplate } from './folder-chat-template.ts';
import { ggufChatTemplate } from './gguf-chat-template.ts';
import { readGgufHeader } from './gguf-checkpoint.ts';
import { ggufTokenizer } from './gguf-tokenizer.ts';
import { ModelNotFoundError } from './model-not-found-error.ts';
import { readJson } from './read-json.ts';
import { revisionOf } from './revision.ts';

/** How a model reads prompts, whatever its architecture: for those who ask a server that computes it. */
export interface PromptDescription {
  /** The folder's or file's name, without extension. */
  readonly name: string;
  readonly encoding: PromptEncoding;
  /** `sha256:` and 64 hex digits over what tells models apart at a glance: the small files, and the names and sizes of the weights. Those may be a hundred gigabytes, so they are not read. */
  readonly digest: string;
}

/**
 * Reads the tokenizer and chat template of a Hugging Face folder or a `.gguf` file.
 * @throws ModelNotFoundError, TokenizerError, ChatTemplateError, WeightsError
 */
export async function describePrompts(path: string): Promise<PromptDescription> {
  const full = resolve(path);
  const found = await stat(full).catch((cause: unknown) => {
    throw new ModelNotFoundError(full, 'cannot be read', { cause });
  });
  return found.isDirectory() ? ofFolder(full) : ofGguf(full, found.size);
}

async function ofFolder(folder: string): Promise<PromptDescription> {
  const tokenizerFile = join(folder, 'tokenizer.json');
  await access(tokenizerFile).catch((cause: unknown) => {
    throw new ModelNotFoundError(folder, 'tokenizer.json cannot be read', { cause });
  });
  const tokenizer = new Tokenizer(await readJson(tokenizerFile, (cause) => new TokenizerError(tokenizerFile, 'is not JSON', { cause })), tokenizerFile);
  const chat = await folderChatTemplate(folder);
  const names = (await readdir(folder)).toSorted();
  const small = names.filter((name) => name === 'config.json' || name.endsWith('.index.json')).map((name) => join(folder, name));
  const weights = await sizesOf(folder, names.filter((name) => name.endsWith('.safetensors')));
  return { name: basename(folder), encoding: { tokenizer, chatTemplate: chat.template }, digest: digestOf([await revisionOf([tokenizerFile, ...chat.files, ...small]), ...weights]) };
}

async function ofGguf(file: string, size: number): Promise<PromptDescription> {
  await using handle = await open(file, 'r');
  const header = await readGgufHeader(handle, file);
  const encoding = { tokenizer: new Tokenizer(ggufTokenizer(header, file), file), chatTemplate: ggufChatTemplate(header, file) };
  const tensors = [...header.tensors.values()].map(({ name, begin, end }) => `${name} ${begin} ${end}`);
  return { name: basename(file, '.gguf'), encoding, digest: digestOf([`${basename(file)} ${size}`, ...tensors]) };
}

async function sizesOf(folder: string, names: readonly string[]): Promise<string[]> {
  return Promise.all(names.map(async (name) => `${name} ${(await stat(join(folder, name))).size}`));
}

function digestOf(lines: readonly string[]): string {
  return `sha256:${createHash('sha256').update(lines.join('\n')).digest('hex')}`;
}
