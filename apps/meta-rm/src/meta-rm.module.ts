import { MetaTask } from '@grm/protocol';
import { Cancellations, Configuration, EngineServerReport, EngineWatch, JetStreamWorkStrategy, LOG, type Log, NatsClient, ProcessFailure, TaskAnswers, WORK_ROUTES, WORKER_COMPONENT, WorkerLife, type WorkRoute } from '@grm/service-kit';
import { type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { MetaController } from './meta.controller.ts';
import { META_ENGINE, type MetaEngine } from './meta-engine.ts';

/** Scores how sound judgements are: work queue -> engine -> logits. */
@Module({
  controllers: [MetaController],
  providers: [Cancellations, EngineServerReport, EngineWatch, JetStreamWorkStrategy, TaskAnswers, WorkerLife, { provide: WORKER_COMPONENT, useValue: 'meta-rm' }, { provide: WORK_ROUTES, useFactory: workRoutes, inject: [Configuration, META_ENGINE] }],
})
export class MetaRMModule implements OnApplicationShutdown {
  constructor(
    @Inject(META_ENGINE) private readonly engine: MetaEngine,
    @Inject(EngineServerReport) report: EngineServerReport,
  ) {
    if (engine.server !== undefined) report.report(engine.server);
  }

  /** @param open opens the engine of the process; the module closes it. */
  static withEngine(open: (configuration: Configuration, nats: NatsClient, log: Log, failure: ProcessFailure) => Promise<MetaEngine>): DynamicModule {
    return { module: MetaRMModule, providers: [{ provide: META_ENGINE, useFactory: (life: WorkerLife, ...facts: Parameters<typeof open>) => life.opening(() => open(...facts)), inject: [WorkerLife, Configuration, NatsClient, LOG, ProcessFailure] }] };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.engine[Symbol.asyncDispose]();
  }
}

function workRoutes({ subjects, concurrency }: Configuration, { server }: MetaEngine): WorkRoute[] {
  return [
    {
      tasks: [{ pattern: 'meta', subject: subjects.work.meta, schema: MetaTask }],
      stream: subjects.work.stream,
      consumer: subjects.consumers.metaRM,
      deadSubject: subjects.dead.subject,
      concurrency,
      ...(server === undefined ? {} : { gate: server }),
    },
  ];
}
