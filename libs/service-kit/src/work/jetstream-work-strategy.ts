import { Configuration } from '../configuration/configuration.ts';
import { Inject, Injectable } from '@nestjs/common';
import { type CustomTransportStrategy, Server } from '@nestjs/microservices';
import { NatsClient } from '../nats/nats-client.ts';
import { LOG, type Log } from '../telemetry/log.ts';
import { Metrics } from '../telemetry/metrics.ts';
import { drainTimes } from '../drain-times.ts';
import { settledWithin } from '../settled-within.ts';
import { resultOf } from '../result-of.ts';
import { processTask, type TaskHandler } from './process-task.ts';
import { WORK_QUEUE } from './work-handler.ts';
import { type TaskKind, WORK_ROUTES, type WorkRoute } from './work-route.ts';
import { WorkConsumer } from './work-consumer.ts';

/** Nest transport over JetStream pull consumers: handlers marked `@WorkHandler` get the tasks of the `WORK_ROUTES`. */
@Injectable()
export class JetStreamWorkStrategy extends Server implements CustomTransportStrategy {
  override readonly transportId = WORK_QUEUE;
  readonly #abandon = new AbortController();
  #consumers: WorkConsumer[] = [];
  #closing: Promise<void> | undefined;

  constructor(
    @Inject(NatsClient) private readonly nats: NatsClient,
    @Inject(WORK_ROUTES) private readonly routes: readonly WorkRoute[],
    @Inject(Metrics) private readonly metrics: Metrics,
    @Inject(LOG) private readonly log: Log,
    @Inject(Configuration) private readonly configuration: Configuration,
  ) {
    super();
  }

  /** Why no tasks can be pulled right now; undefined while they can. */
  get problem(): string | undefined {
    return this.#consumers.map((consumer) => consumer.problem).find((problem) => problem !== undefined);
  }

  override listen(callback: () => void): void {
    this.#consumers = this.routes.map((route) => this.#consumerOf(route));
    this.#consumers.forEach((consumer) => consumer.start());
    callback();
  }

  /** Pulls no more, lets what runs finish within the grace period, and hands the rest back. */
  override close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  override on(): never {
    throw new Error('JetStreamWorkStrategy has no events; read `problem`');
  }

  override unwrap<T>(): T {
    throw new Error('Inject NatsClient for the connection');
  }

  async #close(): Promise<void> {
    const { finishMs, handBackMs } = drainTimes(this.configuration.drainMs);
    const stopped = Promise.all(this.#consumers.map((consumer) => consumer.stop()));
    if (await settledWithin(stopped, finishMs)) return;
    this.log.warn({ finishMs }, 'tasks still run; handing them back');
    this.#abandon.abort(new Error('the worker is shutting down'));
    await settledWithin(stopped, handBackMs);
  }

  #consumerOf(route: WorkRoute): WorkConsumer {
    const { nats, metrics, log } = this;
    const handlers = route.tasks.map((kind) => this.#handlerOf(kind));
    const { signal } = this.#abandon;
    return new WorkConsumer({
      jetstream: nats.jetstream,
      stream: route.stream,
      consumer: route.consumer,
      concurrency: route.concurrency,
      gate: route.gate,
      log,
      process: (message, ackWaitMs) => processTask(message, ackWaitMs, { nats, metrics, log, route, handlers, signal }),
    });
  }

  #handlerOf(kind: TaskKind): TaskHandler {
    const handler = this.messageHandlers.get(kind.pattern);
    if (handler === undefined) throw new Error(`No controller has @WorkHandler('${kind.pattern}')`);
    return { ...kind, handle: async (task, context) => resultOf(await handler(task, context)) };
  }
}
