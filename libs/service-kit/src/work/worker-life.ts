import { hostname } from 'node:os';
import type { WorkerPresence } from '@grm/protocol';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Configuration } from '../configuration/configuration.ts';
import { NatsClient } from '../nats/nats-client.ts';

export const WORKER_COMPONENT = Symbol('grm.worker-component');

/** Weight of the newest task in the running means: the last ten or so count. */
const newest = 0.2;

/** What a worker of a service tells of itself, measured on the tasks that it has done: whoever scales it reckons with that. */
@Injectable()
export class WorkerLife implements OnApplicationBootstrap {
  #loadSeconds: number | undefined;
  #samplesPerSecond: number | undefined;
  #samplesPerTask: number | undefined;
  #busy = 0;

  constructor(
    @Inject(NatsClient) private readonly nats: NatsClient,
    @Inject(Configuration) private readonly configuration: Configuration,
    @Inject(WORKER_COMPONENT) private readonly component: WorkerPresence['component'],
  ) {}

  /** Opens what the worker works with, and notes how long that took. */
  async opening<Engine>(open: () => Promise<Engine>): Promise<Engine> {
    const start = performance.now();
    const engine = await open();
    this.#loadSeconds = (performance.now() - start) / 1000;
    return engine;
  }

  /** Does a task of so many samples, and measures it. With several at once each is slower, and the rate of all together counts. */
  async working<Result>(samples: number, work: () => Promise<Result>): Promise<Result> {
    this.#busy += 1;
    const [start, atOnce] = [performance.now(), this.#busy];
    try {
      const result = await work();
      const seconds = Math.max(1e-6, (performance.now() - start) / 1000);
      this.#samplesPerSecond = mean(this.#samplesPerSecond, (samples * atOnce) / seconds);
      this.#samplesPerTask = mean(this.#samplesPerTask, samples);
      return result;
    } finally {
      this.#busy -= 1;
    }
  }

  onApplicationBootstrap(): void {
    const { presence } = this.configuration.subjects;
    const { revision } = this.configuration.address;
    this.nats.connection.subscribe(presence, {
      callback: (error, message) => {
        if (error !== null) return;
        const said: WorkerPresence = {
          worker: `${hostname()}/${process.pid}`,
          component: this.component,
          busy: this.#busy,
          ...(revision === undefined ? {} : { revision }),
          ...(this.#loadSeconds === undefined ? {} : { loadSeconds: this.#loadSeconds }),
          ...(this.#samplesPerSecond === undefined ? {} : { samplesPerSecond: this.#samplesPerSecond }),
          ...(this.#samplesPerTask === undefined ? {} : { samplesPerTask: this.#samplesPerTask }),
        };
        message.respond(JSON.stringify(said));
      },
    });
  }
}

const mean = (before: number | undefined, now: number): number => (before === undefined ? now : before * (1 - newest) + now * newest);
