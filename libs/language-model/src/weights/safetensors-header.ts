import { z } from 'zod';
import { WeightsError } from './weights-error.ts';

/** Bytes an element takes, for the types that are read here; others are refused by name. */
export const safetensorsTypes = { F32: 4, BF16: 2, F16: 2 } as const;

export type SafetensorsType = keyof typeof safetensorsTypes;

export interface SafetensorsEntry {
  readonly name: string;
  readonly dtype: SafetensorsType;
  readonly shape: readonly number[];
  /** Byte offset from the start of the data section. */
  readonly begin: number;
  readonly end: number;
}

/** The format's own bound on the header, in bytes. */
const longestHeader = 100_000_000;

const dimension = z.int().nonnegative();
const entrySchema = z.strictObject({
  dtype: z.string(),
  shape: z.array(dimension).max(16),
  data_offsets: z.tuple([dimension, dimension]),
});
const headerSchema = z.looseObject({ __metadata__: z.record(z.string(), z.string()).optional() });

/**
 * Length in bytes of the JSON header, from the file's first eight bytes (u64, little endian).
 * @throws WeightsError when the file cannot hold a header of that length.
 */
export function parseHeaderLength(prefix: Uint8Array, fileSize: number, file: string): number {
  if (prefix.length < 8) throw new WeightsError(file, `truncated: ${fileSize} bytes are no safetensors file`);
  const length = new DataView(prefix.buffer, prefix.byteOffset, 8).getBigUint64(0, true);
  if (length > BigInt(longestHeader)) throw new WeightsError(file, `header of ${length} bytes is too long, or this is no safetensors file`);
  if (Number(length) + 8 > fileSize) throw new WeightsError(file, `truncated: header of ${length} bytes in a file of ${fileSize}`);
  return Number(length);
}

/**
 * Validates a safetensors header against the size of its data section: known types, shapes that match their
 * bytes, and entries that cover the section without gaps or overlaps.
 * @returns entries in file order.
 * @throws WeightsError
 */
export function parseHeader(header: Uint8Array, dataSize: number, file: string): SafetensorsEntry[] {
  const json = parseJson(header, file);
  const parsed = headerSchema.safeParse(json);
  if (!parsed.success) throw new WeightsError(file, 'header is not an object with textual metadata', undefined, { cause: parsed.error });
  const entries = Object.entries(parsed.data)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, value]) => parseEntry(name, value, file))
    .toSorted((a, b) => a.begin - b.begin || a.end - b.end);
  let covered = 0;
  for (const entry of entries) {
    if (entry.begin < covered) throw new WeightsError(file, `overlaps the tensor before it (byte ${entry.begin})`, entry.name);
    if (entry.begin > covered) throw new WeightsError(file, `${entry.begin - covered} bytes before it belong to no tensor`, entry.name);
    if (entry.end > dataSize) throw new WeightsError(file, `truncated: needs ${entry.end} bytes of data, the file has ${dataSize}`, entry.name);
    covered = entry.end;
  }
  if (covered !== dataSize) throw new WeightsError(file, `${dataSize - covered} bytes after the last tensor belong to none`);
  return entries;
}

function parseJson(header: Uint8Array, file: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(header));
  } catch (cause) {
    throw new WeightsError(file, 'header is not JSON', undefined, { cause });
  }
}

function parseEntry(name: string, value: unknown, file: string): SafetensorsEntry {
  const parsed = entrySchema.safeParse(value);
  if (!parsed.success)
    throw new WeightsError(file, z.prettifyError(parsed.error).replaceAll('\n', ' '), name, { cause: parsed.error });
  const { dtype, shape, data_offsets: [begin, end] } = parsed.data;
  if (!isSafetensorsType(dtype))
    throw new WeightsError(file, `type ${dtype} is not supported, only ${Object.keys(safetensorsTypes).join(', ')}`, name);
  const bytes = shape.reduce((product, size) => product * size, safetensorsTypes[dtype]);
  if (end - begin !== bytes)
    throw new WeightsError(file, `shape [${shape.join(', ')}] of ${dtype} takes ${bytes} bytes, its offsets ${begin}..${end} hold ${end - begin}`, name);
  return { name, dtype, shape, begin, end };
}

function isSafetensorsType(dtype: string): dtype is SafetensorsType {
  return Object.hasOwn(safetensorsTypes, dtype);
}
