import type { KubernetesObject } from './kubernetes-object.ts';

export type WatchEvent<T extends KubernetesObject> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T }
  /** Only says how far the watch is. */
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string };

/** A line of a watch was no event: the stream cannot be trusted any further. */
export class WatchFormatError extends Error {
  constructor(line: string, cause?: unknown) {
    super(`not a watch event: ${line.slice(0, 200)}`, { cause });
    this.name = 'WatchFormatError';
  }
}

/** Longest line that is read, bytes: etcd takes objects of 1.5 MiB by default. */
const longestLine = 16 * 1024 * 1024;

/** Lines of a byte stream, whatever the chunks. A last one without its end was cut off, so it is dropped. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(10, start); end >= 0; end = chunk.indexOf(10, start)) {
      parts.push(chunk.subarray(start, end));
      const line = Buffer.concat(parts).toString('utf8');
      parts = [];
      length = 0;
      start = end + 1;
      if (line !== '') yield line;
    }
    if (start === chunk.length) continue;
    parts.push(chunk.subarray(start));
    length += chunk.length - start;
    if (length > longestLine) throw new WatchFormatError('a line of more than 16 MiB');
  }
}
