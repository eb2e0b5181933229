import { open } from 'node:fs/promises';
import { formatSafetensorsHeader } from './format-safetensors-header.ts';
import { narrowToBfloat16, narrowToFloat16 } from './half-floats.ts';
import type { WeightTensor } from './weight-tensor.ts';

/** Type that weights take on disk. */
export type StoredDtype = 'fp32' | 'bf16' | 'fp16';

const dtypeNames = { fp32: 'F32', bf16: 'BF16', fp16: 'F16' } as const;

/** Writes tensors as one `.safetensors` file, in the order of their names so that equal weights give equal bytes. */
export async function writeSafetensors(
  file: string,
  tensors: ReadonlyMap<string, WeightTensor>,
  dtype: StoredDtype = 'fp32',
): Promise<void> {
  const sorted = [...tensors].toSorted(([a], [b]) => (a < b ? -1 : 1));
  await using handle = await open(file, 'w');
  await handle.writeFile(formatSafetensorsHeader(sorted, dtypeNames[dtype], { format: 'pt' }));
  for (const [, { data }] of sorted) await handle.writeFile(narrow(dtype, data));
  await handle.sync();
}

function narrow(dtype: StoredDtype, data: Float32Array): Uint8Array {
  const stored = dtype === 'fp32' ? data : dtype === 'bf16' ? narrowToBfloat16(data) : narrowToFloat16(data);
  return new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength);
}
