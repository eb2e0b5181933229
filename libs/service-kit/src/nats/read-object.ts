import type { ObjectResult } from '@nats-io/obj';
import { objectChunks } from './object-chunks.ts';

/** All bytes of an object. @throws as `objectChunks` does */
export async function readObject(object: ObjectResult, signal: AbortSignal): Promise<Uint8Array> {
  const bytes = new Uint8Array(object.info.size);
  let length = 0;
  for await (const chunk of objectChunks(object, signal)) {
    if (length + chunk.length > bytes.length) throw new Error(`more than ${bytes.length} bytes came`);
    bytes.set(chunk, length);
    length += chunk.length;
  }
  return bytes;
}
