import { safetensorsTypes, type SafetensorsType } from './safetensors-header.ts';
import type { WeightTensor } from './weight-tensor.ts';

export interface SafetensorsLayout {
  /** What stands before the data: the header and its length. */
  readonly head: Uint8Array;
  /** In the order of their data. */
  readonly tensors: readonly WeightTensor[];
  /** Bytes of the whole. */
  readonly size: number;
}

/** Lays out a `.safetensors` file: tensors in the order of their names, so that equal weights give equal bytes. */
export function layoutSafetensors(
  tensors: ReadonlyMap<string, WeightTensor>,
  dtype: SafetensorsType,
  metadata: Readonly<Record<string, string>> = {},
): SafetensorsLayout {
  const sorted = [...tensors].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const header: Record<string, unknown> = { __metadata__: { format: 'pt', ...metadata } };
  let end = 0;
  for (const [tensor, { shape, data }] of sorted) {
    const begin = end;
    end += data.length * safetensorsTypes[dtype];
    header[tensor] = { dtype, shape, data_offsets: [begin, end] };
  }
  const json = Buffer.from(JSON.stringify(header));
  const length = Math.ceil(json.length / 8) * 8;
  const head = Buffer.alloc(8 + length, ' ');
  head.writeBigUInt64LE(BigInt(length));
  json.copy(head, 8);
  return { head, tensors: sorted.map(([, tensor]) => tensor), size: head.length + end };
}
