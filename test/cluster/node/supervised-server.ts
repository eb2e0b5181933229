import { type ServerCommand, ServerProcess } from '@grm/controller-runtime/testing';
import { setTimeout as pause } from 'node:timers/promises';

/** Between the end of a server and its next start, ms, as a service manager has it. */
const restartMs = 500;

/** A server that is started again whenever it ends, until it is told to stop. */
export class SupervisedServer {
  readonly #command: ServerCommand;
  #process: ServerProcess | undefined;
  #wanted = false;
  #starts = 0;

  constructor(command: ServerCommand) {
    this.#command = command;
  }

  get pid(): number | undefined {
    return this.#process?.running === true ? this.#process.pid : undefined;
  }

  /** How often it was started. */
  get starts(): number {
    return this.#starts;
  }

  start(): void {
    if (this.#wanted) return;
    this.#wanted = true;
    void this.#keep();
  }

  /** Ends it for good, politely first. */
  async stop(): Promise<void> {
    this.#wanted = false;
    await this.#process?.stop();
  }

  /** Ends it at once; it comes back. */
  kill(): void {
    const { pid } = this;
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
  }

  async #keep(): Promise<void> {
    while (this.#wanted) {
      this.#process = new ServerProcess(this.#command);
      this.#starts += 1;
      await this.#process.exited;
      if (this.#wanted) await pause(restartMs);
    }
  }
}
