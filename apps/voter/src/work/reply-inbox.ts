import { NatsClient, newInbox } from '@grm/service-kit';
import type { Msg, Subscription } from '@nats-io/transport-node';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';

const replyKinds = ['sample', 'meta', 'write'] as const;
export type ReplyKind = (typeof replyKinds)[number];

export interface ReplyListener {
  readonly onReply: (kind: ReplyKind, payload: Uint8Array) => void;
  /** The connection was away and is back: replies sent in between are lost. */
  readonly onReconnect: () => void;
}

/** The subjects on which one run is answered, until disposed. */
export interface ReplySubjects extends Disposable {
  subject(kind: ReplyKind): string;
}

/**
 * Where samplers and meta RMs answer this voter: one subscription for the process, `<inbox>.<runId>.<kind>`. It stands
 * before the first task is published, so no answer can come too early.
 */
@Injectable()
export class ReplyInbox implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #prefix: string;
  readonly #listeners = new Map<string, ReplyListener>();
  #subscription: Subscription | undefined;

  constructor(@Inject(NatsClient) private readonly nats: NatsClient) {
    this.#prefix = newInbox(nats.connection);
  }

  onApplicationBootstrap(): void {
    this.#subscribe();
  }

  /** Gets the answers to run `runId` to a listener. */
  open(runId: string, listener: ReplyListener): ReplySubjects {
    this.#subscribe();
    this.#listeners.set(runId, listener);
    return {
      subject: (kind) => `${this.#prefix}.${runId}.${kind}`,
      [Symbol.dispose]: () => void this.#listeners.delete(runId),
    };
  }

  onApplicationShutdown(): void {
    this.#subscription?.unsubscribe();
  }

  #subscribe(): void {
    if (this.#subscription !== undefined) return;
    this.#subscription = this.nats.connection.subscribe(`${this.#prefix}.*.*`, {
      callback: (error, message) => {
        if (error === null) this.#deliver(message);
      },
    });
    void this.#watchReconnects();
  }

  #deliver({ subject, data }: Msg): void {
    const [runId = '', ending] = subject.slice(this.#prefix.length + 1).split('.');
    const kind = replyKinds.find((known) => known === ending);
    if (kind !== undefined) this.#listeners.get(runId)?.onReply(kind, data);
  }

  async #watchReconnects(): Promise<void> {
    for await (const { type } of this.nats.connection.status()) {
      if (type === 'reconnect') for (const { onReconnect } of this.#listeners.values()) onReconnect();
    }
  }
}
