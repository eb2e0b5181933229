import { createHash } from 'node:crypto';
import type { JudgeRequest, Verdict } from '@grm/client';

/** All of a verdict that is about the question, as canonical JSON: the same bytes for the same verdict. */
export function substanceOf({ id: _id, timings: _timings, ...rest }: Verdict): string {
  return canonicalJson(rest);
}

/** Digest of what is asked, seed included. */
export function questionOf({ id: _id, ...content }: JudgeRequest): string {
  return createHash('sha256').update(canonicalJson(content)).digest('hex').slice(0, 16);
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).toSorted(([one], [other]) => (one < other ? -1 : 1)));
  });
}
