import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import { z } from 'zod';
import { EngineServerError } from './engine-server-error.ts';
import { parseServerError } from './parse-server-error.ts';

export interface ConnectionOptions {
  /** With or without `/v1`. */
  readonly url: string;
  readonly apiKey?: string;
  /** Requests at once; more wait for one to end. */
  readonly connections: number;
}

export interface Asking<Answer> {
  readonly method?: 'GET' | 'POST';
  readonly path: string;
  readonly body?: object;
  readonly signal?: AbortSignal;
  /** Longest that one attempt may take, ms. */
  readonly timeoutMs: number;
  /** Attempts after one that may pass by; default 0. */
  readonly retries?: number;
  /** Reads the answer's body. @throws ZodError where it is not what was asked for */
  readonly parse: (body: string) => Answer;
}

const backOff = { firstMs: 250, longestMs: 8_000 } as const;
const connectMs = 10_000;
/** No answer to what is asked here is larger: a completion of 100,000 tokens with its log-probabilities has some 15 MB. */
const largestAnswer = 64 * 1024 * 1024;

/** Asks one server over HTTP. Aborting a request closes its connection, by which servers notice that nobody waits any more. */
export class ServerConnection implements AsyncDisposable {
  /** Without a trailing slash and `/v1`. */
  readonly url: string;
  /** Attempts that came after others, since the start. */
  retried = 0;
  readonly #pool: Pool;
  readonly #path: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor({ url, apiKey, connections }: ConnectionOptions) {
    this.url = url.replace(/\/+$/u, '').replace(/\/v1$/u, '');
    const { origin, pathname } = new URL(this.url);
    this.#path = pathname === '/' ? '' : pathname;
    this.#headers = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
    // A completion comes as a whole, so headers are as late as the last token; each attempt has its own bound.
    this.#pool = new Pool(origin, { connections, pipelining: 1, headersTimeout: 0, bodyTimeout: 0, maxResponseSize: largestAnswer, connect: { timeout: connectMs } });
  }

  /**
   * The answer, after as many attempts as are allowed: the same request may always be sent again, since it changes nothing.
   * @throws EngineServerError, the signal's reason
   */
  async ask<Answer>(asking: Asking<Answer>): Promise<Answer> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#attempt(asking);
      } catch (error) {
        asking.signal?.throwIfAborted();
        if (!(error instanceof EngineServerError) || !error.passing || attempt >= (asking.retries ?? 0)) throw error;
        const pause = Math.min(backOff.longestMs, Math.max(error.retryAfterMs ?? 0, backOff.firstMs * 2 ** attempt));
        await sleep(pause * (0.5 + Math.random() / 2), undefined, asking.signal === undefined ? {} : { signal: asking.signal }).catch(() => {});
        asking.signal?.throwIfAborted();
        this.retried++;
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.destroy();
  }

  async #attempt<Answer>({ method = 'GET', path, body, signal, timeoutMs, parse }: Asking<Answer>): Promise<Answer> {
    const timeout = AbortSignal.timeout(timeoutMs);
    const url = `${this.url}${path}`;
    let status: number;
    let text: string;
    let headers: Readonly<Record<string, string | string[] | undefined>>;
    try {
      const response = await this.#pool.request({
        method,
        path: `${this.#path}${path}`,
        headers: { ...this.#headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      });
      ({ statusCode: status, headers } = response);
      text = await response.body.text();
    } catch (cause) {
      signal?.throwIfAborted();
      if (timeout.aborted) throw new EngineServerError(url, `gave no answer within ${timeoutMs / 1000} s`, { cause });
      throw new EngineServerError(url, `cannot be reached: ${reasonOf(cause)}`, { passing: true, cause });
    }
    if (status < 200 || status > 299) throw refusal(url, status, text, headers['retry-after']);
    return read(url, status, text, parse);
  }
}

function read<Answer>(url: string, status: number, text: string, parse: (body: string) => Answer): Answer {
  try {
    return parse(text);
  } catch (cause) {
    const problem = cause instanceof z.ZodError ? z.prettifyError(cause).replaceAll(/\s*\n\s*/gu, ' ') : reasonOf(cause);
    throw new EngineServerError(url, `answered with what is not expected: ${problem}; is it a server of the dialect that was named?`, { status, cause });
  }
}

/** A server that is busy, starts, or stands behind a proxy that cannot reach it, is worth asking again. */
const passingStatuses: ReadonlySet<number> = new Set([408, 429, 502, 503, 504]);

function refusal(url: string, status: number, body: string, retryAfter: string | string[] | undefined): EngineServerError {
  const complaint = parseServerError(body);
  const { message } = complaint;
  const seconds = Number(retryAfter);
  const options = { status, passing: passingStatuses.has(status), complaint, ...(Number.isFinite(seconds) && seconds > 0 ? { retryAfterMs: seconds * 1000 } : {}) };
  return new EngineServerError(url, `answered ${status}: ${message === '' ? 'without a word' : message}${adviceOn(status)}`, options);
}

function adviceOn(status: number): string {
  if (status === 401 || status === 403) return '; give its key by engine.openAI.apiKeySecret (GRM_SERVER_API_KEY)';
  return status === 404 ? '; does the server know this path, and the model by this name?' : '';
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message === '' && 'code' in error ? String(error.code) : error.message;
}
