import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { freePort, waitUntil } from '@grm/controller-runtime/testing';
import { fetchLlamaCpp } from './fetch-llama-cpp.ts';

export interface LlamaServerOptions {
  /** A `.gguf` file. */
  readonly model: string;
  /** What it is called. */
  readonly alias: string;
  /** Completions at once; default 2. */
  readonly slots?: number;
  /** Tokens of one; default 2,048. */
  readonly contextLength?: number;
  /** Whether `/metrics` answers; default true. */
  readonly metrics?: boolean;
  readonly apiKey?: string;
}

/** llama.cpp's HTTP server as a process of its own, which may be killed and started again where it was. Disposing kills it. */
export class LlamaServer implements AsyncDisposable {
  readonly url: string;
  readonly #options: LlamaServerOptions;
  readonly #folder: string;
  readonly #port: number;
  readonly #lines: string[] = [];
  #child: ChildProcess | undefined;

  private constructor(options: LlamaServerOptions, folder: string, port: number) {
    this.#options = options;
    this.#folder = folder;
    this.#port = port;
    this.url = `http://127.0.0.1:${port}`;
  }

  /** A server that does not run yet, at an address of its own. @throws LlamaCppUnavailableError */
  static async prepare(options: LlamaServerOptions): Promise<LlamaServer> {
    return new LlamaServer(options, await fetchLlamaCpp(), await freePort());
  }

  /** A server that has its model loaded. @throws LlamaCppUnavailableError */
  static async start(options: LlamaServerOptions): Promise<LlamaServer> {
    const server = await LlamaServer.prepare(options);
    server.begin();
    await server.loaded();
    return server;
  }

  /** Starts the process, and waits for nothing. */
  begin(): void {
    const { model, alias, slots = 2, contextLength = 2_048, metrics = true, apiKey } = this.#options;
    const parameters = { model, alias, slots, contextLength, metrics, apiKey, port: this.#port, threads: 1 };
    const program = fileURLToPath(new URL('llama_server.py', import.meta.url));
    const child = spawn('python3', [program, JSON.stringify(parameters)], { env: { ...process.env, PYTHONPATH: this.#folder }, stdio: ['pipe', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => this.#lines.push(String(chunk)));
    this.#child = child;
  }

  async loaded(): Promise<void> {
    await waitUntil(async () => (this.#child?.exitCode ?? null) !== null || (await fetch(`${this.url}/health`).catch(() => undefined))?.ok === true, { what: 'llama.cpp to load its model', withinMs: 60_000 });
    if ((this.#child?.exitCode ?? null) !== null) throw new Error(`llama.cpp ended: ${this.#lines.join('').slice(-2_000)}`);
  }

  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  /** A value that the server itself tells in `/metrics`. */
  async metric(name: string): Promise<number> {
    const headers = this.#options.apiKey === undefined ? {} : { authorization: `Bearer ${this.#options.apiKey}` };
    const text = await (await fetch(`${this.url}/metrics`, { headers })).text();
    const line = text.split('\n').find((candidate) => candidate.startsWith(`${name} `));
    return line === undefined ? Number.NaN : Number(line.slice(name.length));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}
