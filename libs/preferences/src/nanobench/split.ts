import { createHash } from 'node:crypto';

export const nanobenchSplits = ['train', 'dev', 'test'] as const;
export type NanobenchSplit = (typeof nanobenchSplits)[number];

/** Hexadecimal SHA-256 of an item's content. */
export const contentHash = (content: string): string => createHash('sha256').update(content).digest('hex');

/** How many of 100 hash buckets are held out; the rest are train. */
export interface HeldOutBuckets {
  readonly test: number;
  readonly dev: number;
}

const usualBuckets: HeldOutBuckets = { test: 8, dev: 6 };

/** Which split a content belongs to, for ever. */
export function splitOf(content: string, { test, dev }: HeldOutBuckets = usualBuckets): NanobenchSplit {
  const bucket = Number.parseInt(contentHash(content).slice(0, 8), 16) % 100;
  if (bucket < test) return 'test';
  return bucket < test + dev ? 'dev' : 'train';
}
