import { setTimeout as sleep } from 'node:timers/promises';
import type { MetaTask, SampleTask, WriteTask } from '@grm/protocol';
import { Configuration, inSpan, NatsClient, withTrace } from '@grm/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { SpanKind } from '@opentelemetry/api';
import { refusalOf } from './refusal-of.ts';

/** One attempt to hand a task over, ms. */
const publishTimeoutMs = 2_000;
/** How long a queue that does not answer is tried while the connection is up, ms. A lost connection is waited for, up to the deadline. */
const patienceMs = 3_000;
const pauseMs = { first: 50, longest: 500 } as const;

export interface PublishOptions {
  /** JetStream drops a second message with the same id, so a publish whose acknowledgement was lost may be repeated. */
  readonly messageId: string;
  /**
   * What a full queue means: a request that has not begun is turned away at once, so that its caller can go elsewhere;
   * one that has samples already waits for room.
   */
  readonly begun: boolean;
  /** Its reason is thrown. */
  readonly signal: AbortSignal;
}

/** `duplicate`: the task was in the queue already, from an attempt whose acknowledgement was lost. */
export type Handover = 'stored' | 'duplicate';

/** Puts tasks into the work queue of this service. */
@Injectable()
export class WorkQueue {
  constructor(
    @Inject(NatsClient) private readonly nats: NatsClient,
    @Inject(Configuration) private readonly configuration: Configuration,
  ) {}

  /** @throws GrmError `overloaded`, `model-unavailable`, `invalid-request` (above max_payload) */
  putSampleTask(task: SampleTask, options: PublishOptions): Promise<Handover> {
    return this.#put(this.configuration.subjects.work.sample, task, options);
  }

  /** @throws GrmError as `putSampleTask` */
  putWriteTask(task: WriteTask, options: PublishOptions): Promise<Handover> {
    return this.#put(this.configuration.subjects.work.write, task, options);
  }

  /** @throws GrmError as `putSampleTask` */
  putMetaTask(task: MetaTask, options: PublishOptions): Promise<Handover> {
    return this.#put(this.configuration.subjects.work.meta, task, options);
  }

  /** Calls back what still lies in the queue or is being worked on. Nobody answers. */
  cancel(runId: string): void {
    if (!this.nats.connection.isClosed()) this.nats.publish(this.configuration.subjects.cancel, { requestId: runId });
  }

  async #put(subject: string, task: SampleTask | MetaTask | WriteTask, { messageId, begun, signal }: PublishOptions): Promise<Handover> {
    const payload = JSON.stringify(task);
    let givesUpAt = Date.now() + patienceMs;
    const attributes = { 'messaging.system': 'nats', 'messaging.operation.type': 'send', 'messaging.destination.name': subject };
    return inSpan({ name: `send ${subject}`, kind: SpanKind.PRODUCER, attributes }, async () => {
      for (let attempt = 0; ; attempt++) {
        signal.throwIfAborted();
        try {
          const { duplicate } = await this.nats.jetstream.publish(subject, payload, { msgID: messageId, timeout: publishTimeoutMs, headers: withTrace() });
          return duplicate ? 'duplicate' : 'stored';
        } catch (cause) {
          const { error, passing } = refusalOf(cause);
          if (this.nats.problem !== undefined) givesUpAt = Date.now() + patienceMs;
          const mayWait = error.code === 'overloaded' ? begun : Date.now() < givesUpAt;
          if (!passing || !mayWait) throw error;
          await sleep(Math.min(pauseMs.longest, pauseMs.first * 2 ** attempt), undefined, { signal }).catch(() => {});
        }
      }
    });
  }
}
