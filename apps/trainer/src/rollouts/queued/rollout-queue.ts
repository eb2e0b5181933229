import { GrmError, parsePayload, RolloutResult, rolloutSubjects, type RolloutSubjects, type RolloutSuccess, type RolloutTask } from '@grm/protocol';
import { newInbox } from '@grm/service-kit';
import { jetstream, type JetStreamClient, jetstreamManager } from '@nats-io/jetstream';
import type { Subscription } from '@nats-io/transport-node';
import { publishTask } from './publish-task.ts';
import { RolloutFailedError } from './rollout-failed-error.ts';
import { RolloutQueueError } from './rollout-queue-error.ts';
import { RolloutTooLargeError } from './rollout-too-large-error.ts';
import { StalePolicyError } from './stale-policy-error.ts';
import { TaskWatch, type TaskWatchOptions } from './task-watch.ts';
import type { WaitingTask } from './waiting-task.ts';

/** Room for headers within the server's `max_payload`. */
const headerBytes = 1_024;

/** Puts tasks into the run's work queue and gets their answers to whoever waits. JetStream hands a task out again when its sampler dies. */
export class RolloutQueue implements AsyncDisposable {
  readonly #options: TaskWatchOptions;
  readonly #names: RolloutSubjects;
  readonly #jetstream: JetStreamClient;
  readonly #waiting = new Map<string, WaitingTask>();
  readonly #watch: TaskWatch;
  readonly #subscription: Subscription;
  /** Subject to which tasks are answered. */
  readonly replyTo: string;

  private constructor(options: TaskWatchOptions) {
    this.#options = options;
    this.replyTo = newInbox(options.connection);
    this.#names = rolloutSubjects(options.address);
    this.#jetstream = jetstream(options.connection);
    this.#watch = new TaskWatch(options, this.#waiting, (waiting) => void this.#publish(waiting).catch(waiting.failed));
    this.#subscription = options.connection.subscribe(this.replyTo, { callback: (error, message) => (error === null ? this.#receive(message.data) : undefined) });
  }

  /** Opens a run's queue and empties it: what a trainer before has left there, nobody waits for. @throws RolloutQueueError */
  static async open(options: Omit<TaskWatchOptions, 'manager'>): Promise<RolloutQueue> {
    const manager = await jetstreamManager(options.connection, { checkAPI: false });
    const { stream } = rolloutSubjects(options.address);
    try {
      await manager.streams.purge(stream);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new RolloutQueueError(stream, `cannot be opened (${reason}); whoever provisions the run makes it (ensureRolloutTopology)`, { cause });
    }
    return new RolloutQueue({ ...options, manager });
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
    const waiting: WaitingTask = { task, payload, answered: resolve, failed: reject, left: left.signal, isAnswered: false, attempt: 0, sequence: undefined, missing: 0 };
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    if (this.#waiting.size === 0) this.#watch.begin();
    this.#waiting.set(task.taskId, waiting);
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
    this.#watch[Symbol.dispose]();
    for (const { failed } of this.#waiting.values()) failed(new Error('the rollouts were closed'));
    this.#subscription.unsubscribe();
  }

  #checkSize(payload: string): void {
    const limit = (this.#options.connection.info?.max_payload ?? Number.POSITIVE_INFINITY) - headerBytes;
    const size = Buffer.byteLength(payload);
    if (size > limit) throw new RolloutTooLargeError(size, limit + headerBytes);
  }

  #remove({ task }: WaitingTask): void {
    this.#waiting.delete(task.taskId);
    if (this.#waiting.size === 0) this.#watch[Symbol.dispose]();
  }

  async #publish(waiting: WaitingTask): Promise<void> {
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
  #takeBack({ task, sequence, attempt, isAnswered }: WaitingTask): void {
    const { connection, log, manager } = this.#options;
    if (sequence === undefined || (isAnswered && attempt === 1) || connection.isClosed()) return;
    log.debug({ taskId: task.taskId }, 'a task is taken back');
    // It may be drawn by now, or be gone with its queue.
    manager.streams.deleteMessage(this.#names.stream, sequence, false).catch(() => {});
  }

  #receive(payload: Uint8Array): void {
    const { counts, log } = this.#options;
    this.#watch.heard();
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
}
