import type { z } from 'zod';

/** One kind of task: where it is published, what it looks like, who does it. */
export interface TaskKind {
  /** The handler's `@WorkHandler(pattern)`. */
  readonly pattern: string;
  readonly subject: string;
  readonly schema: z.ZodType;
}

/** What a task is done with, where that may be busy with others or away. */
export interface WorkGate {
  /** Resolves when more may be begun. Rejects with the signal's reason. */
  opened(signal: AbortSignal): Promise<void>;
}

/** Where a process takes its tasks from. */
export interface WorkRoute {
  readonly stream: string;
  readonly consumer: string;
  /** What the consumer hands out. The kinds share its slots and stand in one line, first come, first served. */
  readonly tasks: readonly TaskKind[];
  /** Subject of the dead-letter stream. */
  readonly deadSubject: string;
  /** Tasks at once in this process, all kinds together. */
  readonly concurrency: number;
  /** No task is pulled while it is closed: what waits stays for others. */
  readonly gate?: WorkGate;
  /** Default: the project's `workQueuePolicy`. */
  readonly redelivery?: RedeliveryPolicy;
}

export interface RedeliveryPolicy {
  /** With this delivery of a task, or a later one, a failure makes it a dead letter. */
  readonly maxDeliveries: number;
  /** Deliveries of a task without an outcome (its worker died or was shut down) after which it is one too. */
  readonly maxLostDeliveries: number;
  /** Pause before a failed task is delivered again, by deliveries so far, ms; the last one holds from there on. */
  readonly redeliveryDelaysMs: readonly number[];
}

export const WORK_ROUTES = Symbol('grm.work-routes');
