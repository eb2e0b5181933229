import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '@grm/controller-runtime/testing';

const program = fileURLToPath(new URL('../../../operator/dist/main.js', import.meta.url));

/** One operator as a process of its own, as a pod would run it. */
export class OperatorProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #port: number;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.#port = port;
  }

  static async start(environment: Readonly<Record<string, string>>): Promise<OperatorProcess> {
    const port = await freePort();
    const child = spawn(process.execPath, ['--max-semi-space-size=4', program], { env: { PATH: process.env['PATH'], ...environment, GRM_HTTP_PORT: String(port), GRM_LOG_LEVEL: environment['GRM_LOG_LEVEL'] ?? 'warn' }, stdio: ['ignore', 'inherit', 'inherit'] });
    // Whoever stops the benchmark stops its operators.
    process.once('exit', () => child.kill('SIGKILL'));
    const started = new OperatorProcess(child, port);
    const deadline = Date.now() + 60_000;
    while (Date.now() < deadline) {
      if (await fetch(`http://127.0.0.1:${port}/readyz`).then(({ ok }) => ok, () => false)) return started;
      if (child.exitCode !== null) throw new Error(`the operator ended with ${child.exitCode}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error('the operator was not ready within 60 s');
  }

  /** API requests so far that are no watches, those for the lease left out. */
  async requests(): Promise<number> {
    const text = await (await fetch(`http://127.0.0.1:${this.#port}/metrics`)).text();
    let sum = 0;
    // A watch is a GET that ends late; the client counts lists and watches alike, and PUT is the lease's alone.
    for (const [, method, sent] of text.matchAll(/^rest_client_requests_total\{code="\d+",method="(\w+)"\} (\d+)$/gm)) if (method !== 'PUT' && method !== 'GET') sum += Number(sent);
    return sum;
  }

  async leads(): Promise<boolean> {
    return /^leader_election_master_status\{name="grm-operator"\} 1$/m.test(await (await fetch(`http://127.0.0.1:${this.#port}/metrics`)).text());
  }

  /** Resident memory now, MiB. */
  async rssMiB(): Promise<number> {
    return Number(/VmRSS:\s+(\d+) kB/.exec(await readFile(`/proc/${this.#child.pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  }

  /** Processor time so far, s. */
  async cpuSeconds(): Promise<number> {
    const fields = (await readFile(`/proc/${this.#child.pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) / 100;
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill(signal);
    await ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill('SIGKILL');
  }
}
