import { Configuration } from '../configuration/configuration.ts';
import { GrmError } from '@grm/protocol';
import { type Service, type ServiceMsg, Svcm } from '@nats-io/services';
import { Inject, Injectable } from '@nestjs/common';
import { type CustomTransportStrategy, type MessageHandler, Server } from '@nestjs/microservices';
import { NatsClient } from '../nats/nats-client.ts';
import { drainTimes } from '../drain-times.ts';
import { resultOf } from '../result-of.ts';
import { settledWithin } from '../settled-within.ts';
import { LOG, type Log } from '../telemetry/log.ts';
import { Metrics } from '../telemetry/metrics.ts';
import { answerRequest, respondError } from './answer-request.ts';
import { MICRO_SERVICE } from './service-handler.ts';
import { SERVICE_DESCRIPTION, type ServiceDescription, type ServiceRoute } from './service-route.ts';

/** Nest transport over a NATS micro service (ADR-32): handlers marked `@ServiceHandler` answer the routes of the `SERVICE_DESCRIPTION`. */
@Injectable()
export class NatsServiceStrategy extends Server implements CustomTransportStrategy {
  override readonly transportId = MICRO_SERVICE;
  readonly #inFlight = new Set<Promise<void>>();
  readonly #abandon = new AbortController();
  #service: Service | undefined;
  #problem: string | undefined = 'not started';
  #closing: Promise<void> | undefined;

  constructor(
    @Inject(NatsClient) private readonly nats: NatsClient,
    @Inject(SERVICE_DESCRIPTION) private readonly description: ServiceDescription,
    @Inject(Metrics) private readonly metrics: Metrics,
    @Inject(LOG) private readonly log: Log,
    @Inject(Configuration) private readonly configuration: Configuration,
  ) {
    super();
  }

  /** Why requests cannot be taken right now; undefined while they can. */
  get problem(): string | undefined {
    return this.#problem;
  }

  override async listen(callback: (error?: unknown) => void): Promise<void> {
    try {
      await this.#listen();
    } catch (error) {
      callback(error);
      return;
    }
    callback();
  }

  /** Takes no more requests, answers those it has, each once. */
  override close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  override on(): never {
    throw new Error('NatsServiceStrategy has no events; read `problem`');
  }

  override unwrap<T>(): T {
    throw new Error('Inject NatsClient for the connection');
  }

  async #listen(): Promise<void> {
    const { name, version, description, queueGroup: queue, routes } = this.description;
    const service = await new Svcm(this.nats.connection).add({ name, version, description, queue });
    for (const route of routes) {
      const handler = this.messageHandlers.get(route.pattern);
      if (handler === undefined) throw new Error(`No controller has @ServiceHandler('${route.pattern}')`);
      service.addEndpoint(route.endpoint ?? route.pattern, { subject: route.subject, handler: this.#endpoint(route, handler), ...(route.queueGroup === undefined ? {} : { queue: route.queueGroup }) });
    }
    await this.nats.connection.flush();
    this.#service = service;
    this.#problem = undefined;
    void service.stopped.then((error) => {
      this.#problem = `the NATS service stopped${error ? `: ${error.message}` : ''}`;
      if (error) this.log.error({ err: error }, 'the NATS service stopped');
    });
  }

  async #close(): Promise<void> {
    this.#problem = 'shutting down';
    const { finishMs, handBackMs } = drainTimes(this.configuration.drainMs);
    // Requests that the server has passed on already still come in while the service stops.
    if (await settledWithin(this.#finished(), finishMs)) return;
    this.log.warn({ finishMs, requests: this.#inFlight.size }, 'requests still run; answering them with an error');
    this.#abandon.abort(new GrmError('model-unavailable', 'The service is shutting down; send the request again'));
    await settledWithin(Promise.all(this.#inFlight), handBackMs);
  }

  async #finished(): Promise<void> {
    await this.#service?.stop();
    await Promise.all(this.#inFlight);
  }

  #endpoint(route: ServiceRoute, handler: MessageHandler): (error: Error | null, message: ServiceMsg) => void {
    const { metrics, log } = this;
    const handle = async (request: unknown, context: unknown) => resultOf(await handler(request, context));
    let running = 0;
    return (error, message) => {
      if (error !== null) return;
      if (running >= route.maxInFlight) {
        metrics.requests.inc({ endpoint: route.pattern, code: 'overloaded' });
        respondError(message, new GrmError('overloaded', `${route.maxInFlight} requests are being answered already; send again later`));
        return;
      }
      running++;
      const answer = answerRequest(message, { metrics, log, route, handle, signal: this.#abandon.signal })
        .catch((cause: unknown) => log.error({ err: cause, endpoint: route.pattern }, 'a request could not be answered'))
        .finally(() => {
          running--;
          this.#inFlight.delete(answer);
        });
      this.#inFlight.add(answer);
    };
  }
}
