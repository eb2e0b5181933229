import { Cancellation, parsePayload } from '@grm/protocol';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Configuration } from '../configuration/configuration.ts';
import { NatsClient } from '../nats/nats-client.ts';
import { LOG, type Log } from '../telemetry/log.ts';

/** Cancelled requests that are remembered, for their tasks that still lie in the queue. */
const remembered = 10_000;

/** A task's claim on its request being wanted; dispose when the task is settled. */
export interface Interest extends Disposable {
  /** Aborts when the request is cancelled; aborted from the start when it was cancelled before. */
  readonly signal: AbortSignal;
}

/** Hears which requests nobody waits for any more. Workers ask it before they begin a task and watch it while they run. */
@Injectable()
export class Cancellations implements OnApplicationBootstrap {
  readonly #cancelled = new Set<string>();
  readonly #running = new Map<string, Set<AbortController>>();

  constructor(
    @Inject(NatsClient) private readonly nats: NatsClient,
    @Inject(Configuration) private readonly configuration: Configuration,
    @Inject(LOG) private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    this.nats.connection.subscribe(this.configuration.cancelSubject, {
      callback: (error, message) => {
        if (error !== null) return;
        try {
          this.#cancel(parsePayload(Cancellation, message.data, 'Cancellation').requestId);
        } catch (cause) {
          this.log.warn({ err: cause }, 'ignored a cancellation that cannot be read');
        }
      },
    });
  }

  watch(requestId: string): Interest {
    const controller = new AbortController();
    if (this.#cancelled.has(requestId)) controller.abort(new Error(`request ${requestId} was cancelled`));
    const controllers = this.#running.get(requestId) ?? new Set();
    this.#running.set(requestId, controllers.add(controller));
    return {
      signal: controller.signal,
      [Symbol.dispose]: () => {
        controllers.delete(controller);
        if (controllers.size === 0) this.#running.delete(requestId);
      },
    };
  }

  #cancel(requestId: string): void {
    this.#cancelled.add(requestId);
    // A Set iterates in the order of insertion: the first is the oldest.
    for (const oldest of this.#cancelled) {
      if (this.#cancelled.size <= remembered) break;
      this.#cancelled.delete(oldest);
    }
    const reason = new Error(`request ${requestId} was cancelled`);
    for (const controller of this.#running.get(requestId) ?? []) controller.abort(reason);
  }
}
