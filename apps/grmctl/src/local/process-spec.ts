/** Stands in a command or in the environment for the port that a process is given when it starts. */
export const HTTP_PORT = '{http-port}';

export interface HealthCheck {
  readonly readyPath: string;
  /** Absent: the process is never restarted for being unwell. */
  readonly alivePath?: string;
  /** Time that a start may take before it counts as failed. */
  readonly startTimeoutMs: number;
  readonly periodMs: number;
  /** Failed checks in a row before the process is no longer ready, or no longer alive. */
  readonly readyFailures: number;
  readonly aliveFailures: number;
}

/** The exit code (EX_TEMPFAIL) of a trainer that has saved a checkpoint and stopped, told to or by its manifest. */
export const SUSPENDED_EXIT_CODE = 75;

/** One process that the supervisor keeps: all that it needs to know, as plain data. */
export interface ProcessSpec {
  /** Unique, and the name of its log: `nano-sampler-0`. */
  readonly name: string;
  /** Key of the resource that it belongs to, or `nats`. */
  readonly owner: string;
  readonly command: readonly string[];
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Written before the start. */
  readonly files: readonly { readonly path: string; readonly content: string }[];
  /** `Always`: restarted whenever it ends. `OnFailure`: at most `retries` times, done with exit code 0, and left alone after 75. */
  readonly restart: { readonly policy: 'Always' } | { readonly policy: 'OnFailure'; readonly retries: number; readonly timeoutMs?: number };
  /** Time between SIGTERM and SIGKILL. */
  readonly graceMs: number;
  readonly health?: HealthCheck;
  /** Changes when the process must be replaced though nothing above changed, e.g. a model that was trained anew. */
  readonly revision?: string;
}
