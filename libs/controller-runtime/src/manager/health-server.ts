import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';

/** Says what is wrong, or nothing. */
export type HealthCheck = () => string | undefined;

export interface HealthServerOptions {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  readonly registry: Registry;
  readonly live: Readonly<Record<string, HealthCheck>>;
  readonly ready: Readonly<Record<string, HealthCheck>>;
  /** Called before metrics are read. */
  readonly collect?: () => void;
}

/** `/livez`, `/readyz` and `/metrics`. A check that fails is named with its reason: 503. */
export class HealthServer implements AsyncDisposable {
  readonly #server: Server;
  readonly port: number;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
  }

  static async listen(options: HealthServerOptions): Promise<HealthServer> {
    const server = createServer((request, response) => {
      answer(request.url ?? '', response, options).catch((error: unknown) => response.writeHead(500, { 'content-type': 'text/plain' }).end(`${messageOf(error)}\n`));
    });
    server.requestTimeout = 10_000;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(options.port, options.host, resolve);
    });
    return new HealthServer(server, (server.address() as AddressInfo).port);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

async function answer(url: string, response: ServerResponse, { live, ready, registry, collect }: HealthServerOptions): Promise<void> {
  switch (url.split('?', 1)[0] ?? '') {
    case '/livez':
    case '/healthz':
      return report(response, live);
    case '/readyz':
      return report(response, ready);
    case '/metrics': {
      collect?.();
      const text = await registry.metrics();
      response.writeHead(200, { 'content-type': registry.contentType }).end(text);
      return;
    }
    default:
      response.writeHead(404).end('there are /livez, /readyz and /metrics\n');
  }
}

/** A check that throws has failed. */
function faultOf(check: HealthCheck): string | undefined {
  try {
    return check();
  } catch (error) {
    return messageOf(error);
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function report(response: ServerResponse, checks: Readonly<Record<string, HealthCheck>>): void {
  const lines = Object.entries(checks).map(([name, check]) => ({ name, fault: faultOf(check) }));
  const well = lines.every(({ fault }) => fault === undefined);
  response.writeHead(well ? 200 : 503, { 'content-type': 'text/plain' }).end(`${lines.map(({ name, fault }) => (fault === undefined ? `[+] ${name} ok` : `[-] ${name} failed: ${fault}`)).join('\n')}\n`);
}
