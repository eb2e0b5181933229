import { createHash } from 'node:crypto';

/** Bytes hashed in one call; a hash takes less than 2 GiB at a time. */
const piece = 2 ** 26;

/** SHA-256, 64 hex digits. */
export function contentDigest(content: Uint8Array): string {
  const hash = createHash('sha256');
  for (let start = 0; start < content.length; start += piece) hash.update(content.subarray(start, start + piece));
  return hash.digest('hex');
}
