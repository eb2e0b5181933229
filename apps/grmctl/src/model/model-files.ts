import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

export interface ModelFile {
  readonly name: string;
  readonly bytes: number;
}

/** The files that make a Hugging Face folder a model; other files (cards, optimizer states) are not among them. */
const MODEL_FILE = /^(config|generation_config|tokenizer|tokenizer_config|special_tokens_map|.*\.index)\.json$|\.safetensors$|^chat_template\.jinja$/;

function isModelFile(name: string): boolean {
  return MODEL_FILE.test(name);
}

/** The files of a model: those of a folder that count, or the one .gguf file, named from its folder. */
export async function modelFiles(path: string): Promise<ModelFile[]> {
  const found = await stat(path);
  if (!found.isDirectory()) return [{ name: '', bytes: found.size }];
  const names = (await readdir(path)).filter(isModelFile).toSorted();
  return Promise.all(names.map(async (name) => ({ name, bytes: (await stat(join(path, name))).size })));
}

/** SHA-256 of a file, in hexadecimal digits. */
export async function sha256Of(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash, { signal });
  return hash.digest('hex');
}
