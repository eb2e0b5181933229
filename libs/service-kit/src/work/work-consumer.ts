import { setTimeout as sleep } from 'node:timers/promises';
import type { Consumer, ConsumerMessages, JetStreamClient, JsMsg } from '@nats-io/jetstream';
import { millis } from '@nats-io/transport-node';
import { workQueuePolicy } from '../nats/work-queue-policy.ts';
import type { Log } from '../telemetry/log.ts';
import type { WorkGate } from './work-route.ts';

/** The shortest pull that JetStream clients allow: a stop waits for it, so that no message is handed to a reader who has left. */
const pullMs = 1_000;
const retryMs = { first: 100, longest: 5_000 } as const;

export interface WorkConsumerOptions {
  readonly jetstream: JetStreamClient;
  readonly stream: string;
  readonly consumer: string;
  /** Tasks at once. A slot pulls only when it is free: what this process cannot start stays for others. */
  readonly concurrency: number;
  /** Pulls wait while it is closed. */
  readonly gate?: WorkGate | undefined;
  readonly log: Log;
  /** Settles the message itself, and says that it still works more often than every `ackWaitMs`. */
  readonly process: (message: JsMsg, ackWaitMs: number) => Promise<void>;
}

/** Pulls from one durable consumer into a fixed number of slots until it is stopped; outlives lost connections and missing streams. */
export class WorkConsumer {
  readonly #options: WorkConsumerOptions;
  readonly #stopping = new AbortController();
  readonly #pulls = new Set<ConsumerMessages>();
  #slots: Promise<void>[] = [];
  #consumer: Promise<Consumer> | undefined;
  #ackWaitMs: number = workQueuePolicy.ackWaitMs;
  #problem: string | undefined = 'not started';

  constructor(options: WorkConsumerOptions) {
    this.#options = options;
  }

  /** Why no task can be pulled right now; undefined while they can. */
  get problem(): string | undefined {
    return this.#problem;
  }

  start(): void {
    this.#slots = Array.from({ length: this.#options.concurrency }, () => this.#slot());
  }

  /** Pulls no more; resolves when what was pulled is settled. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    // Without a server a pull does not end by itself, and nothing can be delivered to it either.
    const timer = setTimeout(() => this.#pulls.forEach((pull) => pull.stop()), 2 * pullMs);
    await Promise.all(this.#slots);
    clearTimeout(timer);
  }

  async #slot(): Promise<void> {
    const { stream, consumer, gate, log } = this.#options;
    let failures = 0;
    while (!this.#stopping.signal.aborted) {
      try {
        if (gate !== undefined && !(await this.#admitted(gate))) break;
        const message = await this.#pull();
        failures = 0;
        this.#problem = undefined;
        if (message !== undefined) await this.#options.process(message, this.#ackWaitMs);
      } catch (error) {
        this.#consumer = undefined;
        if (this.#problem === undefined || failures === 0) log.warn({ err: error, stream, consumer }, 'cannot pull tasks; trying again');
        this.#problem = `cannot pull from ${consumer} of ${stream}: ${error instanceof Error ? error.message : String(error)}`;
        const pause = Math.min(retryMs.longest, retryMs.first * 2 ** failures++) * (0.5 + Math.random() / 2);
        await sleep(pause, undefined, { signal: this.#stopping.signal }).catch(() => {});
      }
    }
  }

  /** Whether the gate has opened, rather than the stop come first. Tasks could be pulled meanwhile, so that is no problem of the queue's. */
  async #admitted(gate: WorkGate): Promise<boolean> {
    this.#consumer ??= this.#open();
    await this.#consumer;
    this.#problem = undefined;
    await gate.opened(this.#stopping.signal).catch(() => {});
    return !this.#stopping.signal.aborted;
  }

  async #open(): Promise<Consumer> {
    const { jetstream, stream, consumer: name } = this.#options;
    const consumer = await jetstream.consumers.get(stream, name);
    const { ack_wait: ackWait } = (await consumer.info(true)).config;
    if (ackWait !== undefined) this.#ackWaitMs = millis(ackWait);
    return consumer;
  }

  /** One message, or undefined when none came within the pull. */
  async #pull(): Promise<JsMsg | undefined> {
    this.#consumer ??= this.#open();
    const consumer = await this.#consumer;
    const pull = await consumer.fetch({ max_messages: 1, expires: pullMs });
    this.#pulls.add(pull);
    try {
      let message: JsMsg | undefined;
      for await (const next of pull) message = next;
      return message;
    } finally {
      this.#pulls.delete(pull);
    }
  }
}
