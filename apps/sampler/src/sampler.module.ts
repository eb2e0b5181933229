import { SampleTask, WriteTask } from '@grm/protocol';
import { Cancellations, Configuration, EngineServerReport, EngineWatch, JetStreamWorkStrategy, LOG, type Log, NatsClient, ProcessFailure, TaskAnswers, WORK_ROUTES, WORKER_COMPONENT, WorkerLife, type WorkRoute } from '@grm/service-kit';
import { type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { SampleController } from './sample.controller.ts';
import { SAMPLER_ENGINE, type SamplerEngine } from './sampler-engine.ts';
import { SamplerMetrics } from './sampler-metrics.ts';

/** Draws judgements and answers: work queue -> engine -> what it wrote. */
@Module({
  controllers: [SampleController],
  providers: [Cancellations, EngineServerReport, EngineWatch, JetStreamWorkStrategy, SamplerMetrics, TaskAnswers, WorkerLife, { provide: WORKER_COMPONENT, useValue: 'sampler' }, { provide: WORK_ROUTES, useFactory: workRoutes, inject: [Configuration, SAMPLER_ENGINE] }],
})
export class SamplerModule implements OnApplicationShutdown {
  constructor(
    @Inject(SAMPLER_ENGINE) private readonly engine: SamplerEngine,
    @Inject(EngineServerReport) report: EngineServerReport,
  ) {
    if (engine.server !== undefined) report.report(engine.server);
  }

  /** @param open opens the engine of the process; the module closes it. */
  static withEngine(open: (configuration: Configuration, nats: NatsClient, log: Log, failure: ProcessFailure) => Promise<SamplerEngine>): DynamicModule {
    return { module: SamplerModule, providers: [{ provide: SAMPLER_ENGINE, useFactory: (life: WorkerLife, ...facts: Parameters<typeof open>) => life.opening(() => open(...facts)), inject: [WorkerLife, Configuration, NatsClient, LOG, ProcessFailure] }] };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.engine[Symbol.asyncDispose]();
  }
}

function workRoutes({ subjects, concurrency }: Configuration, { server }: SamplerEngine): WorkRoute[] {
  return [
    {
      tasks: [
        { pattern: 'sample', subject: subjects.work.sample, schema: SampleTask },
        { pattern: 'write', subject: subjects.work.write, schema: WriteTask },
      ],
      stream: subjects.work.stream,
      consumer: subjects.consumers.sampler,
      deadSubject: subjects.dead.subject,
      concurrency,
      ...(server === undefined ? {} : { gate: server }),
    },
  ];
}
