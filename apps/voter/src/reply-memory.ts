import { createHash } from 'node:crypto';
import { RecentAnswers } from './recent-answers.ts';

/** Covers a client's retries of one request. */
const keepMs = 120_000;
const capacity = 512;
/** Of replies as JSON: one with its judgements may be as large as the server's `max_payload`. */
const maxBytes = 64 * 1024 * 1024;

/** The replies of one endpoint, for callers who ask again. @param request names its payload in messages */
export function replyMemory<Reply>(request: string): RecentAnswers<Reply> {
  return new RecentAnswers<Reply>({ request, capacity, keepMs, maxBytes, sizeOf: (reply) => Buffer.byteLength(JSON.stringify(reply)) });
}

/** Tells two requests under one id apart. */
export function fingerprintOf(content: object): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('base64');
}
