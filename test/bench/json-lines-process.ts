import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';

export interface JsonLinesProcessOptions {
  readonly signal: AbortSignal;
  /** Most milliseconds between two lines; default two minutes. */
  readonly patience?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** A program that writes a line of JSON when it is ready, and one for each line of JSON that it reads. Its errors go to standard error. */
export class JsonLinesProcess implements AsyncDisposable {
  readonly #name: string;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: Interface;
  readonly #options: JsonLinesProcessOptions;

  /** @param name in errors, e.g. `PyTorch` */
  constructor(name: string, [command, ...args]: readonly [string, ...string[]], options: JsonLinesProcessOptions) {
    this.#name = name;
    this.#options = options;
    this.#child = spawn(command, args, { env: { ...process.env, ...options.env } });
    this.#child.stderr.pipe(process.stderr);
    this.#lines = createInterface({ input: this.#child.stdout });
  }

  async ask(request: unknown): Promise<unknown> {
    const answer = this.read();
    this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    return answer;
  }

  async read(): Promise<unknown> {
    const settled = new AbortController();
    const { signal, patience = 120_000 } = this.#options;
    const either = AbortSignal.any([signal, settled.signal, AbortSignal.timeout(patience)]);
    const closed = async (): Promise<never> => {
      await once(this.#lines, 'close', { signal: either });
      throw new Error(`the ${this.#name} process ended without an answer`);
    };
    try {
      const [line] = await Promise.race([once(this.#lines, 'line', { signal: either }), closed()]);
      return JSON.parse(String(line));
    } finally {
      settled.abort();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }
}
