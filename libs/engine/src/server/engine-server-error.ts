import type { ServerComplaint } from './parse-server-error.ts';

/** A server did not do what it was asked for. The message says which, what was wrong, and what to do. */
export class EngineServerError extends Error {
  override readonly name = 'EngineServerError';
  readonly url: string;
  /** HTTP status; undefined where there was no answer, or none that can be read. */
  readonly status: number | undefined;
  /** Whether the same request may well be answered a little later. */
  readonly passing: boolean;
  /** When the server wants to be asked again, ms from its answer. */
  readonly retryAfterMs: number | undefined;
  /** What the server itself said. */
  readonly complaint: ServerComplaint | undefined;

  constructor(url: string, problem: string, options: { readonly status?: number; readonly passing?: boolean; readonly retryAfterMs?: number; readonly complaint?: ServerComplaint; readonly cause?: unknown } = {}) {
    super(`${url} ${problem}`, options.cause === undefined ? {} : { cause: options.cause });
    this.url = url;
    this.status = options.status;
    this.passing = options.passing ?? false;
    this.retryAfterMs = options.retryAfterMs;
    this.complaint = options.complaint;
  }
}
