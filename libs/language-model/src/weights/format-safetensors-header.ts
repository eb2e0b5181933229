import { safetensorsTypes, type SafetensorsType } from './safetensors-header.ts';
import type { WeightTensor } from './weight-tensor.ts';

/** What stands before the data of a safetensors file: u64 length, then the JSON header, padded so that the data is aligned to 8 bytes. */
export function formatSafetensorsHeader(
  tensors: readonly (readonly [name: string, tensor: WeightTensor])[],
  dtype: SafetensorsType,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let end = 0;
  for (const [name, { shape, data }] of tensors) {
    const begin = end;
    end += data.length * safetensorsTypes[dtype];
    header[name] = { dtype, shape, data_offsets: [begin, end] };
  }
  const json = Buffer.from(JSON.stringify(header));
  const bytes = Buffer.alloc(8 + Math.ceil(json.length / 8) * 8, ' ');
  bytes.writeBigUInt64LE(BigInt(bytes.length - 8));
  json.copy(bytes, 8);
  return bytes;
}
