import { readFileSync, statSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { RuntimeMetrics } from '../metrics/runtime-metrics.ts';
import { type AdmissionAnswer, type AdmissionHandler, type AdmissionRequest, admissionRequestOf, admissionReviewOf } from './admission.ts';

export interface WebhookServerOptions {
  readonly host: string;
  readonly port: number;
  /** Folder with `tls.crt` and `tls.key`, as a mounted Secret has them. */
  readonly certificates: string;
  readonly handlers: Readonly<Record<`/${string}`, AdmissionHandler>>;
  readonly log: Logger;
  readonly metrics?: RuntimeMetrics;
  /** Longest body, bytes. Default 4 MiB. */
  readonly bodyLimit?: number;
  /** Longest that a handler may take, ms; the API server waits 10 s by default. Default 8 s. */
  readonly timeoutMs?: number;
  /** How often the certificate is looked at, ms. Default 10 s. */
  readonly reloadMs?: number;
}

/** Admission webhooks over HTTPS, with a certificate that may be renewed under it. */
export class WebhookServer {
  readonly #options: WebhookServerOptions;
  #server: Server | undefined;
  #stopping = false;

  constructor(options: WebhookServerOptions) {
    this.#options = options;
  }

  /** Port once it listens. */
  get port(): number | undefined {
    return (this.#server?.address() as AddressInfo | null | undefined)?.port;
  }

  /** For `/readyz`. */
  readonly check = (): string | undefined => (this.port === undefined ? 'the webhook does not listen yet' : undefined);

  async run(signal: AbortSignal): Promise<void> {
    const { host, port, log, reloadMs = 10_000 } = this.#options;
    let version = this.#version();
    const server = createServer({ ...this.#pair(), requestTimeout: 10_000 }, (request, response) => void this.#answer(request, response));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
    this.#server = server;
    const timer = setInterval(() => {
      try {
        const now = this.#version();
        if (now === version) return;
        server.setSecureContext(this.#pair());
        version = now;
        log.info('the certificate of the webhook was renewed');
      } catch (error) {
        // A renewal is two files, and this look came between them.
        log.warn({ err: error }, 'the certificate of the webhook could not be read; the one before stays');
      }
    }, reloadMs);
    await new Promise<void>((resolve) => {
      if (signal.aborted) return resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    clearInterval(timer);
    // Reviews under way are answered; a connection that is idle is closed by `close` itself.
    this.#stopping = true;
    const cut = setTimeout(() => server.closeAllConnections(), this.#options.timeoutMs ?? 8_000);
    await new Promise((resolve) => server.close(resolve));
    clearTimeout(cut);
    this.#server = undefined;
  }

  #pair(): { cert: Buffer; key: Buffer } {
    const { certificates } = this.#options;
    return { cert: readFileSync(join(certificates, 'tls.crt')), key: readFileSync(join(certificates, 'tls.key')) };
  }

  #version(): string {
    const { certificates } = this.#options;
    return ['tls.crt', 'tls.key'].map((file) => statSync(join(certificates, file)).mtimeMs).join();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').split('?')[0] ?? '';
    const handler = Object.entries(this.#options.handlers).find(([known]) => known === path)?.[1];
    const end = (code: number, body: unknown) => {
      this.#options.metrics?.webhookRequests.inc({ webhook: handler === undefined ? 'unknown' : path, code: String(code) });
      response.writeHead(code, { 'content-type': 'application/json', ...(this.#stopping ? { connection: 'close' } : {}) }).end(JSON.stringify(body));
    };
    if (handler === undefined || request.method !== 'POST') return end(404, { message: `no webhook at ${path}` });
    // Whose fault it is: first the asker's, then the handler's.
    let code = 400;
    try {
      const text = await this.#body(request);
      if (text === undefined) return end(413, { message: 'the review is too large' });
      const admission = admissionRequestOf(text);
      code = 500;
      const answer = await inTime(handler, admission, AbortSignal.timeout(this.#options.timeoutMs ?? 8_000));
      end(200, admissionReviewOf(admission.uid, answer));
    } catch (error) {
      this.#options.log.error({ err: error, path }, 'an admission review was not answered');
      end(code, { message: error instanceof Error ? error.message : String(error) });
    }
  }

  async #body(request: IncomingMessage): Promise<string | undefined> {
    const parts: Buffer[] = [];
    let length = 0;
    for await (const part of request as AsyncIterable<Buffer>) {
      length += part.length;
      if (length > (this.#options.bodyLimit ?? 4 * 1024 * 1024)) return undefined;
      parts.push(part);
    }
    return Buffer.concat(parts).toString('utf8');
  }
}

/** A handler that does not look at its signal is not waited for either. */
function inTime(handler: AdmissionHandler, request: AdmissionRequest, signal: AbortSignal): Promise<AdmissionAnswer> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('the handler did not answer in time')), { once: true });
    Promise.resolve(handler(request, signal)).then(resolve, reject);
  });
}
