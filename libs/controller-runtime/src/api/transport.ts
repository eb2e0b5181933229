import type { KubeConfig } from '@kubernetes/client-node';
import { type Dispatcher, Pool } from 'undici';

export interface TransportRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly contentType?: string;
  readonly body?: string;
  readonly signal: AbortSignal;
}

export interface TransportResponse {
  readonly status: number;
  readonly retryAfter?: string;
  readonly body: AsyncIterable<Uint8Array> & { text(): Promise<string> };
}

/** Asks the kubeconfig for tokens anew this often: they expire, and files are rotated. */
const credentialsMs = 30_000;

/**
 * HTTP to the one API server of a kubeconfig, over a pool of keep-alive connections. Server, TLS and credentials come from the kubeconfig;
 * a client certificate that is rotated takes a new transport.
 */
export class Transport implements AsyncDisposable {
  readonly #config: KubeConfig;
  readonly #userAgent: string;
  readonly #server: URL;
  #pool: Dispatcher | undefined;
  #headers: Record<string, string> = {};
  #readAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> = Promise.resolve();

  constructor(config: KubeConfig, userAgent: string) {
    const server = config.getCurrentCluster()?.server;
    if (server === undefined) throw new Error('the kubeconfig names no current cluster; set current-context, or run in a pod with a ServiceAccount');
    this.#config = config;
    this.#userAgent = userAgent;
    this.#server = new URL(server);
  }

  async send({ method, path, contentType, body, signal }: TransportRequest): Promise<TransportResponse> {
    await this.#credentials();
    const response = await this.#dispatcher().request({
      origin: this.#server.origin,
      path: `${this.#server.pathname.replace(/\/$/, '')}${path}`,
      method,
      headers: { ...this.#headers, accept: 'application/json', 'user-agent': this.#userAgent, ...(contentType === undefined ? {} : { 'content-type': contentType }) },
      body: body ?? null,
      signal,
      // A deadline is the caller's, by the signal; a quiet watch has none.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    const retryAfter = response.headers['retry-after'];
    return { status: response.statusCode, ...(typeof retryAfter === 'string' ? { retryAfter } : {}), body: response.body };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool?.destroy();
  }

  #dispatcher(): Dispatcher {
    return (this.#pool ??= new Pool(this.#server.origin, { connections: 64, keepAliveTimeout: 30_000, pipelining: 1 }));
  }

  /** Requests that come while they are read wait for them: the first ones would else go without. */
  #credentials(): Promise<void> {
    if (performance.now() - this.#readAt >= credentialsMs) {
      this.#readAt = performance.now();
      this.#reading = this.#read().catch((error: unknown) => {
        this.#readAt = Number.NEGATIVE_INFINITY;
        throw error;
      });
    }
    return this.#reading;
  }

  async #read(): Promise<void> {
    const headers: Record<string, string> = {};
    let connection: Dispatcher | undefined;
    // The one thing of the client's generated code that is needed: a place where it puts headers and TLS.
    const context = {
      setHeaderParam: (name: string, value: string) => void (headers[name.toLowerCase()] = value),
      setDispatcher: (dispatcher: Dispatcher) => void (connection = dispatcher),
    };
    await this.#config.applySecurityAuthentication(context as unknown as Parameters<KubeConfig['applySecurityAuthentication']>[0]);
    this.#headers = headers;
    if (this.#pool === undefined) this.#pool = connection;
    else await connection?.close();
  }
}
