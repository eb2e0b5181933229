import { z } from 'zod';
import { parseHeader, parseHeaderLength } from './safetensors-header.ts';
import type { WeightTensor } from './weight-tensor.ts';
import { WeightsError } from './weights-error.ts';

export interface SafetensorsContent {
  readonly tensors: ReadonlyMap<string, WeightTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

const metadataSchema = z.looseObject({ __metadata__: z.record(z.string(), z.string()).default({}) });

/**
 * Reads a safetensors file in memory whose tensors are all fp32; they are copied out, bit for bit.
 * @param file what errors call it
 * @throws WeightsError
 */
export function decodeSafetensors(content: Uint8Array, file: string): SafetensorsContent {
  const dataStart = 8 + parseHeaderLength(content.subarray(0, 8), content.length, file);
  const header = content.subarray(8, dataStart);
  const entries = parseHeader(header, content.length - dataStart, file);
  const tensors = new Map<string, WeightTensor>();
  for (const { name, dtype, shape, begin, end } of entries) {
    if (dtype !== 'F32') throw new WeightsError(file, `type ${dtype} where F32 is needed`, name);
    const bytes = new Uint8Array(end - begin);
    bytes.set(content.subarray(dataStart + begin, dataStart + end));
    tensors.set(name, { shape, data: new Float32Array(bytes.buffer) });
  }
  return { tensors, metadata: metadataSchema.parse(JSON.parse(new TextDecoder().decode(header))).__metadata__ };
}
