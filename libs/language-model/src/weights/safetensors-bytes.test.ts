import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeSafetensors } from './decode-safetensors.ts';
import { encodeSafetensors } from './encode-safetensors.ts';
import { readSafetensors } from './read-safetensors.ts';
import { WeightsError } from './weights-error.ts';

/** A quiet and a signalling NaN with payloads, -0, a denormal, infinities. */
const patterns = Uint32Array.of(0x7fc12345, 0xffa00001, 0x80000000, 0x00000001, 0x7f800000, 0xff800000);
const tensors = new Map([
  ['b#second', { shape: [2, 3], data: new Float32Array(patterns.buffer) }],
  ['a', { shape: [], data: Float32Array.of(1.5) }],
  ['nothing', { shape: [0, 4], data: new Float32Array(0) }],
]);
const metadata = { cursor: '{"seen":["ü"]}' };
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'grm-safetensors-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a safetensors file in memory', () => {
  test('comes back bit for bit, with its metadata', () => {
    const { tensors: back, metadata: told } = decodeSafetensors(encodeSafetensors(tensors, metadata), 'x');
    expect([...back.keys()].toSorted()).toEqual(['a', 'b#second', 'nothing']);
    expect(new Uint32Array(back.get('b#second')?.data.buffer ?? new ArrayBuffer())).toEqual(patterns);
    expect(back.get('b#second')?.shape).toEqual([2, 3]);
    expect(told).toEqual({ format: 'pt', ...metadata });
  });

  test('is the same file as on disk', async () => {
    const file = join(folder, 'x.safetensors');
    await writeFile(file, encodeSafetensors(tensors, metadata));
    expect((await readSafetensors(file)).get('a')).toEqual(tensors.get('a'));
  });

  test.each([0, 4, 40, 200, -1])('cut off at %i bytes is a WeightsError that names it', (length) => {
    expect(() => decodeSafetensors(encodeSafetensors(tensors, metadata).subarray(0, length), 'cut.safetensors')).toThrow(WeightsError);
    expect(() => decodeSafetensors(encodeSafetensors(tensors, metadata).subarray(0, length), 'cut.safetensors')).toThrow(/cut.safetensors/);
  });
});
