import { GrmError, parsePayload, RolloutResult, rolloutSubjects, type RolloutSubjects, type RolloutSuccess, type RolloutTask, type RunAddress } from '@grm/protocol';
import type { Log } from '@grm/service-kit';
import { jetstream, type JetStreamClient, type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { createInbox, type NatsConnection, type Subscription } from '@nats-io/transport-node';
import { countSamplers } from './count-samplers.ts';
import { NoSamplerError } from './no-sampler-error.ts';
import { publishTask } from './publish-task.ts';
import { reasonToGiveUp } from './reason-to-give-up.ts';
import type { RolloutCounts } from './rollout-counts.ts';
import { RolloutFailedError } from './rollout-failed-error.ts';
import { RolloutOverdueError } from './rollout-overdue-error.ts';
import { RolloutQueueError } from './rollout-queue-error.ts';
import { RolloutTooLargeError } from './rollout-too-large-error.ts';
import { StalePolicyError } from './stale-policy-error.ts';

/** How often the log says that tasks wait, ms. */
const sayEveryMs = 30_000;
/** Times that a task is put into the queue. */
const maxAttempts = 5;
/** Looks in a row that find a task gone without an answer before it is put into the queue anew: its answer may be on the way. */
const looksUntilLost = 2;
/** Room for headers within the server's `max_payload`. */
const headerBytes = 1_024;

export interface RolloutQueueOptions {
  readonly connection: NatsConnection;
  readonly address: RunAddress;
  readonly log: Log;
  readonly counts: RolloutCounts;
  /** How long tasks may wait while no sampler, or no queue, is heard of, ms. */
  readonly patienceMs: number;
  /** How often one looks after tasks that wait, ms. */
  readonly lookEveryMs: number;
}

interface Waiting {
  readonly task: RolloutTask;
  readonly payload: string;
  readonly answered: (result: RolloutSuccess) => void;
  readonly failed: (error: unknown) => void;
  /** Aborts when nobody waits any more. */
  readonly left: AbortSignal;
  isAnswered: boolean;
  attempt: number;
  /** Where the task lies in the stream; undefined while it is being put there. */
  sequence: number | undefined;
  missing: number;
}

/**
 * Puts tasks into the run's work queue and gets their answers to whoever waits. JetStream hands a task out again when its sampler dies;
 * what it cannot know of is looked after here: an answer that was lost with the connection, a queue that was lost with the server's disk, samplers that are not there.
 */
export class RolloutQueue implements AsyncDisposable {
  readonly #options: RolloutQueueOptions;
  readonly #names: RolloutSubjects;
  readonly #jetstream: JetStreamClient;
  readonly #manager: JetStreamManager;
  readonly #waiting = new Map<string, Waiting>();
  readonly #subscription: Subscription;
  #looking: NodeJS.Timeout | undefined;
  #busy = false;
  #heardAt = 0;
  #queueSeenAt = 0;
  #saidAt = Date.now();
  #queueProblem: unknown;
  /** Subject to which tasks are answered. */
  readonly replyTo = createInbox();

  private constructor(options: RolloutQueueOptions, manager: JetStreamManager) {
    this.#options = options;
    this.#names = rolloutSubjects(options.address);
    this.#jetstream = jetstream(options.connection);
    this.#manager = manager;
    this.#subscription = options.connection.subscribe(this.replyTo, { callback: (error, message) => (error === null ? this.#receive(message.data) : undefined) });
  }

  /** Opens a run's queue and empties it: what a trainer before has left there, nobody waits for. @throws RolloutQueueError */
  static async open(options: RolloutQueueOptions): Promise<RolloutQueue> {
    const manager = await jetstreamManager(options.connection);
    const { stream } = rolloutSubjects(options.address);
    try {
      await manager.streams.purge(stream);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new RolloutQueueError(stream, `cannot be opened (${reason}); whoever provisions the run makes it (ensureRolloutTopology)`, { cause });
    }
    return new RolloutQueue(options, manager);
  }

  /**
   * The answer to one task.
   * @throws RolloutTooLargeError, RolloutFailedError, StalePolicyError, RolloutOverdueError, NoSamplerError, RolloutQueueError; the signal's reason
   */
  async ask(task: RolloutTask, signal: AbortSignal): Promise<RolloutSuccess> {
    signal.throwIfAborted();
    const payload = JSON.stringify(task);
    this.#checkSize(payload);
    const { promise, resolve, reject } = Promise.withResolvers<RolloutSuccess>();
    promise.catch(() => {});
    const left = new AbortController();
    const waiting: Waiting = { task, payload, answered: resolve, failed: reject, left: left.signal, isAnswered: false, attempt: 0, sequence: undefined, missing: 0 };
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    this.#add(waiting);
    try {
      // The answer may come before the queue has acknowledged the task.
      await Promise.race([this.#publish(waiting), promise]);
      return await promise;
    } finally {
      left.abort(new Error('nobody waits for the task any more'));
      signal.removeEventListener('abort', abort);
      this.#remove(waiting);
      this.#takeBack(waiting);
    }
  }

  /** Lets samplers stop what they draw of a request, and drop what they have of it. */
  callBack(requestId: string): void {
    if (!this.#options.connection.isClosed()) this.#options.connection.publish(this.#names.cancel, JSON.stringify({ requestId }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#looking);
    for (const { failed } of this.#waiting.values()) failed(new Error('the rollouts were closed'));
    this.#subscription.unsubscribe();
  }

  #checkSize(payload: string): void {
    const limit = (this.#options.connection.info?.max_payload ?? Number.POSITIVE_INFINITY) - headerBytes;
    const size = Buffer.byteLength(payload);
    if (size > limit) throw new RolloutTooLargeError(size, limit + headerBytes);
  }

  #add(waiting: Waiting): void {
    if (this.#waiting.size === 0) {
      this.#heardAt = this.#queueSeenAt = Date.now();
      this.#looking = setInterval(() => {
        this.#look().catch((error: unknown) => this.#options.log.warn({ err: error }, 'could not look after the tasks of samplers'));
      }, this.#options.lookEveryMs);
    }
    this.#waiting.set(waiting.task.taskId, waiting);
  }

  #remove({ task }: Waiting): void {
    this.#waiting.delete(task.taskId);
    if (this.#waiting.size === 0) clearInterval(this.#looking);
  }

  async #publish(waiting: Waiting): Promise<void> {
    const { task, payload, left: signal } = waiting;
    waiting.attempt++;
    waiting.sequence = undefined;
    waiting.missing = 0;
    const messageId = `${task.taskId}-${waiting.attempt}`;
    const sequence = await publishTask(this.#jetstream, { subject: this.#names.task, payload, messageId, signal });
    this.#options.counts.published++;
    waiting.sequence = sequence;
    if (signal.aborted) this.#takeBack(waiting);
  }

  /** A task that nobody waits for need not be handed out. One that was answered at its first attempt is on its way out of the queue. */
  #takeBack({ task, sequence, attempt, isAnswered }: Waiting): void {
    if (sequence === undefined || (isAnswered && attempt === 1) || this.#options.connection.isClosed()) return;
    this.#options.log.debug({ taskId: task.taskId }, 'a task is taken back');
    // It may be drawn by now, or be gone with its queue.
    this.#manager.streams.deleteMessage(this.#names.stream, sequence, false).catch(() => {});
  }

  #receive(payload: Uint8Array): void {
    const { counts, log } = this.#options;
    this.#heardAt = Date.now();
    try {
      this.#settle(parsePayload(RolloutResult, payload, 'RolloutResult'));
    } catch (error) {
      counts.duplicates++;
      log.warn({ err: error }, 'ignored an answer that cannot be read; is a sampler of another version?');
    }
  }

  #settle(result: RolloutResult): void {
    const { counts, log } = this.#options;
    const waiting = this.#waiting.get(result.taskId);
    if ('stale' in result) counts.stale++;
    if (waiting === undefined) {
      counts.duplicates++;
    } else if ('error' in result) {
      waiting.failed(new RolloutFailedError(result.taskId, GrmError.fromBody(result.error)));
    } else if ('stale' in result) {
      const { asked, newest } = result.stale;
      waiting.failed(new StalePolicyError(asked, newest, 'by another trainer of this run'));
    } else if (result.policy !== waiting.task.policy.revision) {
      // The task is gone from the queue, and will be missed there.
      counts.stale++;
      log.warn({ taskId: result.taskId, asked: waiting.task.policy.revision, drew: result.policy }, 'refused judgements by other weights than those asked for');
    } else {
      counts.answered++;
      counts.redelivered += result.deliveries - 1;
      waiting.isAnswered = true;
      waiting.answered(result);
      // At once: the next message may be a second answer.
      this.#remove(waiting);
    }
  }

  async #look(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    try {
      this.#endOverdue(Date.now());
      await this.#lookIntoQueue();
      await this.#lookForSamplers();
      this.#giveUpIfHopeless();
      this.#sayNowAndThen();
    } finally {
      this.#busy = false;
    }
  }

  #endOverdue(now: number): void {
    for (const { task, failed, attempt } of this.#waiting.values()) {
      if (now > task.deadline) failed(new RolloutOverdueError(task.taskId, `by its deadline (attempt ${attempt}, ${this.#options.counts.samplers} samplers, ${this.#options.counts.depth} tasks in the queue)`));
    }
  }

  async #lookIntoQueue(): Promise<void> {
    try {
      const { num_pending: pending, num_ack_pending: handedOut } = await this.#manager.consumers.info(this.#names.stream, this.#names.consumer);
      this.#queueSeenAt = Date.now();
      this.#options.counts.depth = pending + handedOut;
      const stored = [...this.#waiting.values()].filter(({ sequence }) => sequence !== undefined);
      if (pending + handedOut >= stored.length) for (const waiting of stored) waiting.missing = 0;
      else await this.#findMissing(stored);
    } catch (error) {
      this.#queueProblem = error;
    }
  }

  async #findMissing(stored: readonly Waiting[]): Promise<void> {
    for (const waiting of stored) {
      const { sequence: seq } = waiting;
      if (seq === undefined) continue;
      const message = await this.#manager.streams.getMessage(this.#names.stream, { seq });
      // Answered, or put into the queue anew, while one looked.
      if (waiting.sequence !== seq || !this.#waiting.has(waiting.task.taskId)) continue;
      waiting.missing = message === null ? waiting.missing + 1 : 0;
      if (waiting.missing >= looksUntilLost) this.#publishAgain(waiting);
    }
  }

  #publishAgain(waiting: Waiting): void {
    const { counts, log } = this.#options;
    const { taskId } = waiting.task;
    if (waiting.attempt >= maxAttempts) {
      waiting.failed(new RolloutOverdueError(taskId, `although it was put into the queue ${maxAttempts} times and taken out of it`));
      return;
    }
    counts.lost++;
    log.warn({ taskId, attempt: waiting.attempt + 1 }, 'a task is gone without an answer; it is put into the queue anew');
    this.#publish(waiting).catch(waiting.failed);
  }

  async #lookForSamplers(): Promise<void> {
    const { connection, counts } = this.#options;
    counts.samplers = await countSamplers(connection, this.#names.presence);
    if (counts.samplers > 0) this.#heardAt = Date.now();
  }

  #giveUpIfHopeless(): void {
    const { address, patienceMs } = this.#options;
    const waiting = this.#waiting.size;
    const now = Date.now();
    const reason = reasonToGiveUp({ now, heardAt: this.#heardAt, queueSeenAt: this.#queueSeenAt }, patienceMs);
    if (waiting === 0 || reason === undefined) return;
    const error = reason === 'no-sampler' ? new NoSamplerError(address, { waiting, silentMs: now - this.#heardAt }) : this.#noQueue(now);
    for (const { failed } of this.#waiting.values()) failed(error);
  }

  #sayNowAndThen(): void {
    const now = Date.now();
    if (this.#waiting.size === 0 || now - this.#saidAt < sayEveryMs) return;
    this.#saidAt = now;
    this.#options.log.info({ ...this.#options.counts, waiting: this.#waiting.size }, 'samplers draw');
  }

  #noQueue(now: number): RolloutQueueError {
    const cause = this.#queueProblem;
    const reason = cause instanceof Error ? cause.message : String(cause);
    return new RolloutQueueError(this.#names.stream, `has not answered for ${Math.round((now - this.#queueSeenAt) / 1e3)} s (${reason}); is the NATS server there, and the stream?`, { cause });
  }
}
