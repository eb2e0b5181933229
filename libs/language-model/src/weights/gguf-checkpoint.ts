import { open, type FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import type { DecoderConfig } from '../config/decoder-config.ts';
import { Tokenizer } from '../tokenizer/tokenizer.ts';
import { checkTensors } from './check-tensors.ts';
import type { CheckpointDescription } from './checkpoint.ts';
import { ggufChatTemplate } from './gguf-chat-template.ts';
import { ggufConfig } from './gguf-config.ts';
import { parseGgufHeader, type GgufHeader } from './gguf-header.ts';
import { huggingFaceName } from './gguf-tensor-names.ts';
import { ggufTokenizer } from './gguf-tokenizer.ts';
import { readExactly } from './read-exactly.ts';
import { revisionOf } from './revision.ts';
import type { WeightTensor } from './weight-tensor.ts';
import { WeightsError } from './weights-error.ts';

/** Reads everything of a `.gguf` file except its weights. */
export async function describeGguf(file: string): Promise<CheckpointDescription> {
  await using handle = await open(file, 'r');
  const header = await readGgufHeader(handle, file);
  return {
    name: basename(file, '.gguf'),
    path: file,
    config: ggufConfig(header, file),
    tokenizer: new Tokenizer(ggufTokenizer(header, file), file),
    chatTemplate: ggufChatTemplate(header, file),
    revision: await revisionOf([file]),
  };
}

/** Reads a `.gguf` file's weights, dequantized, under their Hugging Face names. */
export async function readGgufTensors(file: string, config: DecoderConfig): Promise<Map<string, WeightTensor>> {
  await using handle = await open(file, 'r');
  const { tensors } = await readGgufHeader(handle, file);
  const result = new Map<string, WeightTensor>();
  for (const { name, shape, format, begin, end } of tensors.values()) {
    const huggingFace = huggingFaceName(name);
    if (huggingFace === undefined) continue;
    const blocks = await readExactly(handle, begin, end - begin, file);
    const data = new Float32Array(shape.reduce((product, size) => product * size, 1));
    format.dequantize(blocks, data);
    result.set(huggingFace, { shape, data: isRotaryPair(name, config) ? halfSplitRows(data, shape, config.headSize) : data });
  }
  return checkTensors(result, config, file);
}

/** Whether llama.cpp stores this projection's rows interleaved: q and k of the Llama architecture only. */
function isRotaryPair(name: string, config: DecoderConfig): boolean {
  return config.modelType === 'llama' && /\.attn_[qk]\.(weight|bias)$/.test(name);
}

/**
 * Undoes llama.cpp's interleaving of rotary pairs (`permute` of its converter): within a head, row 2i+s there is
 * row s*half+i here.
 */
function halfSplitRows(data: Float32Array<ArrayBuffer>, shape: readonly number[], headSize: number): Float32Array<ArrayBuffer> {
  const rows = shape[0] ?? 0;
  const width = data.length / rows;
  const half = headSize / 2;
  const result = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) {
    const inHead = row % headSize;
    const target = row - inHead + (inHead % 2) * half + Math.floor(inHead / 2);
    result.set(data.subarray(row * width, (row + 1) * width), target * width);
  }
  return result;
}

const firstRead = 16 * 1024 * 1024;

/** Reads more and more of the file's beginning until the whole header is in it. */
export async function readGgufHeader(handle: FileHandle, file: string): Promise<GgufHeader> {
  const { size } = await handle.stat();
  for (let length = Math.min(size, firstRead); ; length = Math.min(size, length * 4)) {
    const bytes = await readExactly(handle, 0, length, file);
    try {
      return parseGgufHeader(bytes, size, file);
    } catch (error) {
      if (!(error instanceof WeightsError) || length === size) throw error;
    }
  }
}
