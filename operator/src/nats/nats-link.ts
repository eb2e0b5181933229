import type { NatsConnection } from '@nats-io/transport-node';
import type { Logger } from 'pino';

export interface NatsLinkOptions {
  /** Opens a connection that reconnects by itself; fails when no server answers in time. */
  readonly connect: () => Promise<NatsConnection>;
  readonly log: Logger;
  /** Told when NATS comes and goes. */
  readonly onChange?: (connected: boolean) => void;
  /** Pause between two tries to connect, ms. */
  readonly retryMs?: number;
}

/**
 * The operator's way to NATS. The operator starts, and goes on, without it: what needs NATS asks for `connection` and says "not known" where there is none.
 */
export class NatsLink {
  readonly #options: NatsLinkOptions;
  readonly #waiting = new Set<() => void>();
  #connection: NatsConnection | undefined;
  #up = false;

  constructor(options: NatsLinkOptions) {
    this.#options = options;
  }

  /** Absent while no server answers: a request would only wait. */
  get connection(): NatsConnection | undefined {
    return this.#up ? this.#connection : undefined;
  }

  /** Calls back at each (re)connection until the signal says otherwise. */
  onConnected(callback: () => void, signal: AbortSignal): void {
    this.#waiting.add(callback);
    signal.addEventListener('abort', () => this.#waiting.delete(callback), { once: true });
    if (this.#up) callback();
  }

  /** Keeps a connection until the signal says otherwise. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const connection = await this.#open(signal);
      if (connection === undefined) continue;
      this.#connection = connection;
      const close = () => void connection.close();
      signal.addEventListener('abort', close, { once: true });
      this.#report(true);
      for await (const { type } of connection.status()) {
        if (type === 'disconnect') this.#report(false);
        if (type === 'reconnect') this.#report(true);
        if (signal.aborted) break;
      }
      signal.removeEventListener('abort', close);
      this.#report(false);
      this.#connection = undefined;
      await connection.close();
    }
  }

  async #open(signal: AbortSignal): Promise<NatsConnection | undefined> {
    try {
      const connection = await this.#options.connect();
      if (!signal.aborted) return connection;
      await connection.close();
    } catch (error) {
      this.#options.log.warn({ err: error }, 'NATS does not answer; what needs it waits');
      await new Promise<void>((resolve) => {
        const timer = setTimeout(done, this.#options.retryMs ?? 2_000);
        function done() {
          clearTimeout(timer);
          signal.removeEventListener('abort', done);
          resolve();
        }
        signal.addEventListener('abort', done, { once: true });
      });
    }
    return undefined;
  }

  #report(up: boolean): void {
    if (this.#up === up) return;
    this.#up = up;
    this.#options.log.info(up ? 'connected to NATS' : 'NATS is away');
    this.#options.onChange?.(up);
    if (up) for (const callback of this.#waiting) callback();
  }
}
