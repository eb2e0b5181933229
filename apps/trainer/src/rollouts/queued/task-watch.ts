import { rolloutSubjects, type RolloutSubjects, type RunAddress } from '@grm/protocol';
import type { Log } from '@grm/service-kit';
import type { JetStreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { countSamplers } from './count-samplers.ts';
import { NoSamplerError } from './no-sampler-error.ts';
import { reasonToGiveUp } from './reason-to-give-up.ts';
import type { RolloutCounts } from './rollout-counts.ts';
import { RolloutOverdueError } from './rollout-overdue-error.ts';
import { RolloutQueueError } from './rollout-queue-error.ts';
import type { WaitingTask } from './waiting-task.ts';

/** How often the log says that tasks wait, ms. */
const sayEveryMs = 30_000;
/** Times that a task is put into the queue. */
const maxAttempts = 5;
/** Looks in a row that find a task gone without an answer before it counts as lost: its answer may be on the way. */
const looksUntilLost = 2;

export interface TaskWatchOptions {
  readonly connection: NatsConnection;
  readonly manager: JetStreamManager;
  readonly address: RunAddress;
  readonly log: Log;
  readonly counts: RolloutCounts;
  /** How long tasks may wait while no sampler, or no queue, is heard of, ms. */
  readonly patienceMs: number;
  /** How often one looks after tasks that wait, ms. */
  readonly lookEveryMs: number;
}

/**
 * Looks after tasks that wait, for what JetStream cannot know of: an answer that was lost with the connection, a queue that was lost with the
 * server's disk, samplers that are not there.
 */
export class TaskWatch implements Disposable {
  readonly #options: TaskWatchOptions;
  readonly #names: RolloutSubjects;
  readonly #waiting: ReadonlyMap<string, WaitingTask>;
  readonly #publishAgain: (waiting: WaitingTask) => void;
  #timer: NodeJS.Timeout | undefined;
  #looking = false;
  #heardAt = 0;
  #queueSeenAt = 0;
  #queueProblem: unknown;
  #saidAt = Date.now();

  constructor(options: TaskWatchOptions, waiting: ReadonlyMap<string, WaitingTask>, publishAgain: (waiting: WaitingTask) => void) {
    this.#options = options;
    this.#names = rolloutSubjects(options.address);
    this.#waiting = waiting;
    this.#publishAgain = publishAgain;
  }

  /** The first task waits. */
  begin(): void {
    this.#heardAt = this.#queueSeenAt = Date.now();
    this.#timer = setInterval(() => {
      this.#look().catch((error: unknown) => this.#options.log.warn({ err: error }, 'could not look after the tasks of samplers'));
    }, this.#options.lookEveryMs);
  }

  /** A sampler has answered. */
  heard(): void {
    this.#heardAt = Date.now();
  }

  /** No task waits any more. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      this.#endOverdue(Date.now());
      await this.#lookIntoQueue();
      await this.#lookForSamplers();
      this.#giveUpIfHopeless(Date.now());
      this.#sayNowAndThen(Date.now());
    } finally {
      this.#looking = false;
    }
  }

  #endOverdue(now: number): void {
    const { samplers, depth } = this.#options.counts;
    for (const { task, failed, attempt } of this.#waiting.values()) {
      if (now > task.deadline) failed(new RolloutOverdueError(task.taskId, `by its deadline (attempt ${attempt}, ${samplers} samplers, ${depth} tasks in the queue)`));
    }
  }

  async #lookIntoQueue(): Promise<void> {
    try {
      const { num_pending: pending, num_ack_pending: handedOut } = await this.#options.manager.consumers.info(this.#names.stream, this.#names.consumer);
      this.#queueSeenAt = Date.now();
      this.#options.counts.depth = pending + handedOut;
      const stored = [...this.#waiting.values()].filter(({ sequence }) => sequence !== undefined);
      if (pending + handedOut >= stored.length) for (const waiting of stored) waiting.missing = 0;
      else await this.#findMissing(stored);
    } catch (error) {
      this.#queueProblem = error;
    }
  }

  async #findMissing(stored: readonly WaitingTask[]): Promise<void> {
    for (const waiting of stored) {
      const { sequence: seq } = waiting;
      if (seq === undefined) continue;
      const message = await this.#options.manager.streams.getMessage(this.#names.stream, { seq });
      // Answered, or put into the queue anew, while one looked.
      if (waiting.sequence !== seq || !this.#waiting.has(waiting.task.taskId)) continue;
      waiting.missing = message === null ? waiting.missing + 1 : 0;
      if (waiting.missing >= looksUntilLost) this.#retry(waiting);
    }
  }

  #retry(waiting: WaitingTask): void {
    const { counts, log } = this.#options;
    const { taskId } = waiting.task;
    if (waiting.attempt >= maxAttempts) {
      waiting.failed(new RolloutOverdueError(taskId, `although it was put into the queue ${maxAttempts} times and taken out of it`));
      return;
    }
    counts.lost++;
    log.warn({ taskId, attempt: waiting.attempt + 1 }, 'a task is gone without an answer; it is put into the queue anew');
    this.#publishAgain(waiting);
  }

  async #lookForSamplers(): Promise<void> {
    const { connection, counts } = this.#options;
    counts.samplers = await countSamplers(connection, this.#names.presence);
    if (counts.samplers > 0) this.heard();
  }

  #giveUpIfHopeless(now: number): void {
    const waiting = this.#waiting.size;
    const reason = reasonToGiveUp({ now, heardAt: this.#heardAt, queueSeenAt: this.#queueSeenAt }, this.#options.patienceMs);
    if (waiting === 0 || reason === undefined) return;
    const error = reason === 'no-sampler' ? new NoSamplerError(this.#options.address, { waiting, silentMs: now - this.#heardAt }) : this.#noQueue(now);
    for (const { failed } of this.#waiting.values()) failed(error);
  }

  #noQueue(now: number): RolloutQueueError {
    const cause = this.#queueProblem;
    const reason = cause instanceof Error ? cause.message : String(cause);
    return new RolloutQueueError(this.#names.stream, `has not answered for ${Math.round((now - this.#queueSeenAt) / 1e3)} s (${reason}); is the NATS server there, and the stream?`, { cause });
  }

  #sayNowAndThen(now: number): void {
    if (this.#waiting.size === 0 || now - this.#saidAt < sayEveryMs) return;
    this.#saidAt = now;
    this.#options.log.info({ ...this.#options.counts, waiting: this.#waiting.size }, 'samplers draw');
  }
}
