import { setTimeout as delay } from 'node:timers/promises';
import { type BackOff, backOffDelay } from './back-off.ts';
import type { ProcessState, ProcessStatus } from './local-state.ts';
import type { ProcessIdentity } from './process-identity.ts';
import { type LifeEnd, liveOnce } from './process-life.ts';
import { type ProcessSpec, SUSPENDED_EXIT_CODE } from './process-spec.ts';

export interface SupervisionOptions {
  readonly log: string;
  readonly backOff: BackOff;
  readonly inherited: NodeJS.ProcessEnv;
  /** Called after every change of `status`. */
  readonly changed: (status: ProcessStatus) => void;
}

export type ProcessOutcome = 'succeeded' | 'suspended' | 'failed' | 'stopped';

/** Keeps one process as its spec says: starts it, starts it again with back-off, and ends it. */
export class SupervisedProcess {
  readonly spec: ProcessSpec;
  /** Settles when it does not run and will not be started any more. Never rejects. */
  readonly finished: Promise<ProcessOutcome>;
  readonly #options: SupervisionOptions;
  readonly #stopping = new AbortController();
  #state: ProcessState = 'starting';
  #message: string | undefined;
  #life: { readonly identity: ProcessIdentity; readonly httpPort: number; readonly startedAt: string } | undefined;
  #restarts = 0;
  /** Lives in a row that ended without having been ready. */
  #failedStarts = 0;

  constructor(spec: ProcessSpec, options: SupervisionOptions) {
    this.spec = spec;
    this.#options = options;
    this.finished = this.#keepRunning();
  }

  get status(): ProcessStatus {
    return {
      name: this.spec.name,
      owner: this.spec.owner,
      state: this.#state,
      graceMs: this.spec.graceMs,
      restarts: this.#restarts,
      failedStarts: this.#failedStarts,
      log: this.#options.log,
      ...this.#life,
      ...(this.#message === undefined ? {} : { message: this.#message }),
    };
  }

  /** SIGTERM, SIGKILL after the grace; resolves when the process is gone. */
  async stop(): Promise<void> {
    if (!this.#stopping.signal.aborted) {
      if (this.#life !== undefined) this.#change('stopping');
      this.#stopping.abort();
    }
    await this.finished;
  }

  async #keepRunning(): Promise<ProcessOutcome> {
    const { restart } = this.spec;
    const { backOff } = this.#options;
    const timeout = restart.policy === 'OnFailure' && restart.timeoutMs !== undefined ? AbortSignal.timeout(restart.timeoutMs) : undefined;
    const signal = timeout === undefined ? this.#stopping.signal : AbortSignal.any([this.#stopping.signal, timeout]);
    let failures = 0;
    while (!signal.aborted) {
      const began = performance.now();
      const end = await this.#live(signal);
      if (signal.aborted) break;
      const outcome = this.#outcomeOf(end);
      if (outcome !== undefined) return this.#finish(outcome, outcome === 'failed' ? end.message : undefined);
      failures = performance.now() - began >= backOff.recoveredAfterMs ? 1 : failures + 1;
      const wait = backOffDelay(failures, backOff);
      this.#change('backing-off', `${end.message}; starts again after ${wait / 1000} s`);
      await delay(wait, undefined, { signal }).catch(() => undefined);
      if (!signal.aborted) this.#restarts += 1;
    }
    return timeout?.aborted === true && !this.#stopping.signal.aborted
      ? this.#finish('failed', 'ran longer than its active deadline')
      : this.#finish('stopped');
  }

  /** What the end of a life comes to; undefined: it is started again. */
  #outcomeOf({ code }: LifeEnd): ProcessOutcome | undefined {
    const { restart } = this.spec;
    if (restart.policy !== 'OnFailure') return undefined;
    if (code === 0) return 'succeeded';
    if (code === SUSPENDED_EXIT_CODE) return 'suspended';
    return this.#restarts >= restart.retries ? 'failed' : undefined;
  }

  async #live(signal: AbortSignal): Promise<LifeEnd> {
    const { log, inherited } = this.#options;
    // Without a health check nobody can tell: it counts as ready from its start.
    let wasReady = this.spec.health === undefined;
    const end = await liveOnce(
      this.spec,
      {
        log,
        inherited,
        started: (identity, httpPort) => {
          this.#life = { identity, httpPort, startedAt: new Date().toISOString() };
          this.#change(this.spec.health === undefined ? 'ready' : 'starting', this.#message);
        },
        health: (report) => {
          if (signal.aborted) return;
          if (report.kind === 'ready') {
            wasReady = true;
            this.#failedStarts = 0;
            this.#change('ready');
          } else this.#change('unready', report.message);
        },
      },
      signal,
    );
    this.#life = undefined;
    if (!wasReady) this.#failedStarts += 1;
    return end;
  }

  #finish(outcome: ProcessOutcome, message?: string): ProcessOutcome {
    this.#change(outcome, message);
    return outcome;
  }

  #change(state: ProcessState, message?: string): void {
    this.#state = state;
    this.#message = message;
    this.#options.changed(this.status);
  }
}
