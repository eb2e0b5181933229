import type { NamedModel } from '@grm/engine';
import { RolloutTask } from '@grm/protocol';
import { Cancellations, Configuration, EngineWatch, JetStreamWorkStrategy, NatsClient, PolicyStore, TaskAnswers, WORK_ROUTES, type WorkRoute } from '@grm/service-kit';
import { type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { PolicyEngine, type ReplaceableEngine } from './policy-engine.ts';
import { Presence } from './presence.ts';
import { RolloutController } from './rollout.controller.ts';
import { RolloutMetrics } from './rollout-metrics.ts';

type OpenEngine = (configuration: Configuration, model: NamedModel) => Promise<ReplaceableEngine>;

/** Draws judgements for a training run: the run's work queue -> the policy's weights -> engine -> judgements. */
@Module({
  controllers: [RolloutController],
  providers: [
    Cancellations,
    EngineWatch,
    JetStreamWorkStrategy,
    Presence,
    RolloutMetrics,
    TaskAnswers,
    { provide: PolicyStore, useFactory: policyStore, inject: [NatsClient, Configuration] },
    { provide: WORK_ROUTES, useFactory: workRoutes, inject: [Configuration] },
  ],
})
export class RolloutModule implements OnApplicationShutdown {
  constructor(@Inject(PolicyEngine) private readonly engine: PolicyEngine) {}

  /** @param open opens the engine when the first policy is there, and anew for a policy of another shape; the module closes it. */
  static withEngine(open: OpenEngine): DynamicModule {
    const policyEngine = (configuration: Configuration, policies: PolicyStore) =>
      new PolicyEngine({ fetch: (policy, signal) => policies.fetch(policy, signal), open: (model) => open(configuration, model), name: configuration.owner });
    return { module: RolloutModule, providers: [{ provide: PolicyEngine, useFactory: policyEngine, inject: [Configuration, PolicyStore] }] };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.engine[Symbol.asyncDispose]();
  }
}

function policyStore({ connection }: NatsClient, { namespace, owner }: Configuration): PolicyStore {
  return new PolicyStore(connection, { namespace, run: owner });
}

function workRoutes({ rollouts, concurrency }: Configuration): WorkRoute[] {
  return [
    {
      tasks: [{ pattern: 'rollout', subject: rollouts.task, schema: RolloutTask }],
      stream: rollouts.stream,
      consumer: rollouts.consumer,
      deadSubject: rollouts.dead.subject,
      concurrency,
    },
  ];
}
