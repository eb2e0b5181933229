import { jetstream, type JetStreamClient } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Configuration } from '../configuration/configuration.ts';
import { LOG, type Log } from '../telemetry/log.ts';
import { Metrics } from '../telemetry/metrics.ts';
import { withTrace } from '../telemetry/trace-headers.ts';
import { checkServerVersion } from './check-server-version.ts';
import { explainNatsError } from './explain-nats-error.ts';
import { natsErrorLog } from './nats-error-log.ts';
import { NatsRefusedError } from './nats-refused-error.ts';

export const NATS_CONNECTION = Symbol('grm.nats-connection');

const drainTimeoutMs = 5_000;

/** The process's one connection to NATS: its state, and what every service does with it. */
@Injectable()
export class NatsClient implements OnApplicationShutdown {
  readonly jetstream: JetStreamClient;
  #problem: string | undefined;
  /** Why the server has not let the user in since the connection was lost. */
  #refusal: string | undefined;

  constructor(
    @Inject(NATS_CONNECTION) readonly connection: NatsConnection,
    @Inject(LOG) private readonly log: Log,
    @Inject(Metrics) private readonly metrics: Metrics,
    @Inject(Configuration) private readonly configuration: Configuration,
  ) {
    // Nothing here needs to know of the account, and users of services may not ask about it.
    this.jetstream = jetstream(connection, { checkAPI: false });
    metrics.natsConnected.set(1);
    void this.#watch();
  }

  /** Why the connection cannot be used right now; undefined while it can. */
  get problem(): string | undefined {
    return this.connection.isClosed() ? 'the connection is closed' : this.#problem;
  }

  /** Publishes a value as JSON, with the current trace in the headers. */
  publish(subject: string, value: unknown): void {
    this.connection.publish(subject, JSON.stringify(value), { headers: withTrace() });
  }

  /** Sends what is buffered and closes; strategies have finished their work before. */
  async onApplicationShutdown(): Promise<void> {
    if (this.connection.isClosed()) return;
    const timer = setTimeout(() => void this.connection.close(), drainTimeoutMs);
    await this.connection.drain().catch((error: unknown) => this.log.warn({ err: error }, 'NATS connection was closed without a drain'));
    clearTimeout(timer);
  }

  async #watch(): Promise<void> {
    for await (const status of this.connection.status()) {
      switch (status.type) {
        case 'disconnect':
          this.#become(this.#refusal ?? 'disconnected from NATS');
          if (this.#refusal === undefined) this.log.warn({ server: status.server }, 'disconnected from NATS');
          break;
        case 'reconnect':
          this.#checkServer(status.server);
          break;
        case 'error':
          this.#report(status.error);
          break;
        case 'slowConsumer':
          this.log.warn({ subject: status.sub.getSubject(), pending: status.pending }, 'a subscription cannot keep up');
          break;
        case 'ldm':
          this.log.info({ server: status.server }, 'NATS server is about to shut down');
          break;
        case 'close':
        case 'forceReconnect':
        case 'ping':
        case 'reconnecting':
        case 'staleConnection':
        case 'update':
          this.log.debug({ status: status.type }, 'NATS connection');
      }
    }
    this.#become('the connection is closed');
  }

  #report(reported: Error): void {
    const error = explainNatsError(reported, { server: this.connection.getServer(), credentials: this.configuration.nats.credentials });
    if (error instanceof NatsRefusedError) {
      this.#become(error.message);
      // Each try to reconnect is refused anew.
      if (this.#refusal === error.message) return;
      this.#refusal = error.message;
    }
    natsErrorLog(this.log)(error);
  }

  /** A cluster being rolled may hand the connection to an older server. */
  #checkServer(server: string): void {
    this.#refusal = undefined;
    try {
      checkServerVersion(this.connection);
      this.#become(undefined);
      this.log.info({ server }, 'reconnected to NATS');
    } catch (error) {
      this.#become(error instanceof Error ? error.message : String(error));
      this.log.error({ err: error }, 'reconnected to an unsupported NATS server');
    }
  }

  #become(problem: string | undefined): void {
    this.#problem = problem;
    this.metrics.natsConnected.set(problem === undefined ? 1 : 0);
  }
}
