import { hostname } from 'node:os';
import type { WorkerPresence } from '@grm/protocol';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Configuration } from '../configuration/configuration.ts';
import { NatsClient } from '../nats/nats-client.ts';
import { WorkRate } from './work-rate.ts';

export const WORKER_COMPONENT = Symbol('grm.worker-component');

/** What a worker of a service tells of itself, measured on the tasks that it has done: whoever scales it reckons with that. */
@Injectable()
export class WorkerLife implements OnApplicationBootstrap {
  #loadSeconds: number | undefined;
  readonly #rate = new WorkRate();

  constructor(
    @Inject(NatsClient) private readonly nats: NatsClient,
    @Inject(Configuration) private readonly configuration: Configuration,
    @Inject(WORKER_COMPONENT) private readonly component: WorkerPresence['component'],
  ) {}

  /** Opens what the worker works with, and notes how long that took. */
  async opening<Engine>(open: () => Promise<Engine>): Promise<Engine> {
    const start = seconds();
    const engine = await open();
    this.#loadSeconds = seconds() - start;
    return engine;
  }

  /** Does a task of so many samples, and measures it. */
  async working<Result>(samples: number, work: () => Promise<Result>): Promise<Result> {
    const begun = this.#rate.begin(seconds());
    try {
      const result = await work();
      this.#rate.end(begun, seconds(), samples);
      return result;
    } catch (error) {
      this.#rate.end(begun, seconds());
      throw error;
    }
  }

  onApplicationBootstrap(): void {
    const { presence } = this.configuration.subjects;
    const { revision } = this.configuration.address;
    this.nats.connection.subscribe(presence, {
      callback: (error, message) => {
        if (error !== null) return;
        message.respond(JSON.stringify(this.#presence(revision)));
      },
    });
  }

  #presence(revision: string | undefined): WorkerPresence {
    const { busy, samplesPerSecond, samplesPerTask } = this.#rate;
    return {
      worker: `${hostname()}/${process.pid}`,
      component: this.component,
      busy,
      ...(revision === undefined ? {} : { revision }),
      ...(this.#loadSeconds === undefined ? {} : { loadSeconds: this.#loadSeconds }),
      ...(samplesPerSecond === undefined ? {} : { samplesPerSecond }),
      ...(samplesPerTask === undefined ? {} : { samplesPerTask }),
    };
  }
}

function seconds(): number {
  return performance.now() / 1000;
}
