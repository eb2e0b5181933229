import { formatSafetensorsHeader } from './format-safetensors-header.ts';
import type { WeightTensor } from './weight-tensor.ts';

/**
 * A safetensors file in memory: fp32, bit for bit, in the order of the names, so that equal content gives equal bytes.
 * @param metadata the file's `__metadata__`, beside `format: pt`, which tools look for
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, WeightTensor>,
  metadata: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const sorted = [...tensors].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const header = formatSafetensorsHeader(sorted, 'F32', { format: 'pt', ...metadata });
  const content = new Uint8Array(sorted.reduce((size, [, { data }]) => size + data.byteLength, header.length));
  content.set(header);
  let end = header.length;
  for (const [, { data }] of sorted) {
    content.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), end);
    end += data.byteLength;
  }
  return content;
}
