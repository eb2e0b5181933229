import { hostname } from 'node:os';
import type { SamplerPresence } from '@grm/protocol';
import { Configuration, NatsClient } from '@grm/service-kit';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { PolicyEngine } from './policy-engine.ts';

/** Tells the trainer, when it asks, that this sampler lives: its task may take long, and then nothing else is heard of it. */
@Injectable()
export class Presence implements OnApplicationBootstrap {
  constructor(
    @Inject(NatsClient) private readonly nats: NatsClient,
    @Inject(Configuration) private readonly configuration: Configuration,
    @Inject(PolicyEngine) private readonly engine: PolicyEngine,
  ) {}

  onApplicationBootstrap(): void {
    const sampler = `${hostname()}/${process.pid}`;
    this.nats.connection.subscribe(this.configuration.rollouts.presence, {
      callback: (error, message) => {
        if (error !== null) return;
        const { revision: policy, drawing } = this.engine;
        message.respond(JSON.stringify({ sampler, drawing, ...(policy === undefined ? {} : { policy }) } satisfies SamplerPresence));
      },
    });
  }
}
