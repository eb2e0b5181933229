import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { waitUntil } from '@grm/controller-runtime/testing';
import { repositoryFile } from './repository-file.ts';

export type ServiceComponent = 'voter' | 'sampler' | 'meta-rm';

export interface ServiceProcessOptions {
  readonly component: ServiceComponent;
  readonly environment: Readonly<Record<string, string>>;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Generous, because a test machine may be busy with other tests; a process that ends is not waited for. */
const readyWithinMs = 60_000;
const exitWithinMs = 45_000;
const shownLines = 25;

/** One service as a process of its own, `node apps/<component>/dist/main.js`, with its log kept. Disposing kills it. */
export class ServiceProcess implements AsyncDisposable {
  readonly component: ServiceComponent;
  readonly #environment: Readonly<Record<string, string>>;
  /** What the process wrote to standard output and standard error, line by line, over all its lives. */
  readonly lines: string[] = [];
  #life: Life;

  private constructor(options: ServiceProcessOptions) {
    this.component = options.component;
    this.#environment = options.environment;
    this.#life = this.#begin();
  }

  /** Starts the process and waits until it is ready for work. */
  static async start(options: ServiceProcessOptions): Promise<ServiceProcess> {
    const started = new ServiceProcess(options);
    try {
      await started.ready();
      return started;
    } catch (error) {
      await started[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Starts the process and waits for nothing, for one that is not meant to become ready. */
  static spawn(options: ServiceProcessOptions): ServiceProcess {
    return new ServiceProcess(options);
  }

  get pid(): number {
    const { pid } = this.#life.child;
    if (pid === undefined) throw new Error(`${this.component} could not be started`);
    return pid;
  }

  get running(): boolean {
    return this.#life.exit === undefined;
  }

  /** How the process ended. @throws Error when it does not end in time. */
  get exited(): Promise<Exit> {
    const life = this.#life;
    return waitUntil(() => life.exit, { what: `the end of ${this.component}`, withinMs: exitWithinMs }).catch((error: unknown) => {
      throw this.#failure(error);
    });
  }

  /** Base URL of the health endpoints. */
  get url(): string {
    if (this.#life.url === undefined) throw this.#failure('does not listen yet');
    return this.#life.url;
  }

  /** Resolves when `/readyz` says that the process may be sent work. @throws Error with the end of its log when it ends or takes too long. */
  async ready(): Promise<void> {
    const life = this.#life;
    try {
      await waitUntil(
        async () => life.exit !== undefined || (life.url !== undefined && (await fetch(new URL('/readyz', life.url))).ok),
        { what: `${this.component} to be ready`, withinMs: readyWithinMs },
      );
    } catch (error) {
      throw this.#failure(error);
    }
    if (life.exit !== undefined) throw this.#failure(`ended with ${JSON.stringify(life.exit)} before it was ready`);
  }

  /** What `/readyz` reports, by part. */
  async readiness(): Promise<{ readonly ready: boolean; readonly text: string }> {
    const response = await fetch(new URL('/readyz', this.url));
    return { ready: response.ok, text: await response.text() };
  }

  /** Sum of the samples of a Prometheus metric whose labels hold all given ones; 0 when there is none. */
  async metric(name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
    const exposition = await (await fetch(new URL('/metrics', this.url))).text();
    const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
    return exposition
      .split('\n')
      .filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
      .filter((line) => wanted.every((pair) => line.includes(pair)))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
  }

  /** What each log entry says, with the error and its causes where it has one. */
  get messages(): string[] {
    return this.lines.map((line) => {
      const { msg = line, err } = parseLogLine(line) ?? {};
      const trace = typeof err === 'object' && err !== null && 'stack' in err ? String(err.stack) : '';
      return `${String(msg)}\n${trace}`.trimEnd();
    });
  }

  signal(signal: NodeJS.Signals): void {
    this.#life.child.kill(signal);
  }

  /** Sends a signal and waits for the end. */
  async end(signal: NodeJS.Signals): Promise<Exit> {
    this.signal(signal);
    return this.exited;
  }

  /** A new process in the place of one that has ended, with the same environment. */
  async restart(): Promise<void> {
    if (this.running) throw new Error(`${this.component} still runs; end it first`);
    this.#life = this.#begin();
    await this.ready();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.running) return;
    // A stopped process (SIGSTOP) dies of SIGKILL as well.
    await this.end('SIGKILL');
  }

  #begin(): Life {
    const main = repositoryFile(`apps/${this.component}/dist/main.js`);
    if (!existsSync(main)) throw new Error(`${main} is not there; build first (make build)`);
    const child = spawn(process.execPath, [main], {
      // Nothing of the test runner's own environment but what a process needs to run at all.
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], GRM_HTTP_PORT: '0', GRM_LOG_LEVEL: 'info', ...this.#environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const life: Life = { child };
    const killWithParent = () => child.kill('SIGKILL');
    process.once('exit', killWithParent);
    // `close` comes after the last line of output, `exit` may come before.
    child.once('close', (code, signal) => {
      process.off('exit', killWithParent);
      life.exit = { code, signal };
    });
    child.once('error', (error) => this.lines.push(String(error)));
    for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', (line) => this.#read(life, line));
    return life;
  }

  #read(life: Life, line: string): void {
    this.lines.push(line);
    const entry = parseLogLine(line);
    if (entry?.['msg'] === `${this.component} is up` && typeof entry['url'] === 'string') life.url = entry['url'];
  }

  #failure(reason: unknown): Error {
    const why = reason instanceof Error ? reason.message : String(reason);
    return new Error(`${this.component}: ${why}. Its log ends so:\n${this.lines.slice(-shownLines).join('\n')}`, { cause: reason });
  }
}

interface Life {
  readonly child: ChildProcess;
  url?: string;
  exit?: Exit;
}

function parseLogLine(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
