import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, closeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

export interface ServerCommand {
  /** Names it in errors. */
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  /** Working folder. */
  readonly folder: string;
  /** Both outputs are appended here. */
  readonly logFile: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** A server ended when it should have run. The message has the end of its log. */
export class ServerExitedError extends Error {
  /** Another process took a port between its choice and its use. */
  readonly portTaken: boolean;

  constructor(name: string, logFile: string, log: string) {
    super(`${name} ended by itself. The end of ${logFile}:\n${log.split('\n').slice(-15).join('\n')}`);
    this.name = 'ServerExitedError';
    this.portTaken = /address already in use/.test(log);
  }
}

/** Longest that a server may take from a polite signal to its end, ms; then it is killed. The API server would wait a minute for its watches. */
const stopDeadlineMs = 3_000;

/** One server of a control plane. It ends with this process, however that dies: its standard input does. */
export class ServerProcess {
  readonly command: ServerCommand;
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;

  constructor(command: ServerCommand) {
    this.command = command;
    const log = openSync(command.logFile, 'a');
    const { PATH = '', TMPDIR = '/tmp' } = process.env;
    const env = { PATH, TMPDIR, HOME: command.folder, EXIT_WITH_STDIN: '1', ...command.environment };
    this.#child = spawn(command.file, command.args, { cwd: command.folder, env, stdio: ['pipe', log, log] });
    closeSync(log);
    this.#exited = once(this.#child, 'exit').then(
      () => undefined,
      () => undefined,
    );
    // Its end is noticed by `exited`; a pipe that breaks then is no news.
    this.#child.stdin?.on('error', () => undefined);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get running(): boolean {
    return this.#child.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Resolves when the process has ended, or could not be started. */
  get exited(): Promise<void> {
    return this.#exited;
  }

  /**
   * Looks until `isReady` says so.
   * @throws ServerExitedError; Error at the deadline, with the end of the log.
   */
  async ready(isReady: () => Promise<boolean>, deadlineMs = 60_000): Promise<void> {
    const { name, logFile } = this.command;
    const deadline = performance.now() + deadlineMs;
    while (!(await isReady().catch(() => false))) {
      if (!this.running) throw new ServerExitedError(name, logFile, await readFile(logFile, 'utf8'));
      if (performance.now() > deadline) throw new Error(`${name} was not ready after ${deadlineMs / 1000} s; its log is ${logFile}`);
      await pause(25);
    }
  }

  /** Sends the signal and waits for the end; what does not end in time is killed. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (!this.running) return;
    this.#child.kill(signal);
    const abort = new AbortController();
    await Promise.race([this.#exited, pause(stopDeadlineMs, undefined, { signal: abort.signal }).catch(() => undefined)]);
    abort.abort();
    if (this.running) this.#child.kill('SIGKILL');
    await this.#exited;
  }
}
