import { type DynamicModule, Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { Configuration } from './configuration/configuration.ts';
import { HealthController } from './health/health.controller.ts';
import { ProcessFailure } from './health/process-failure.ts';
import { Readiness } from './health/readiness.ts';
import { connectNats } from './nats/connect-nats.ts';
import { NATS_CONNECTION, NatsClient } from './nats/nats-client.ts';
import { createLog, LOG } from './telemetry/log.ts';
import { Metrics } from './telemetry/metrics.ts';

/** What every service process has: configuration, log, metrics, the NATS connection, health endpoints. Global. */
@Module({})
export class ServiceKitModule {
  static forRoot(application: string, configuration: Configuration, log = createLog(application, configuration)): DynamicModule {
    const connection = {
      provide: NATS_CONNECTION,
      useFactory: () => connectNats({ ...configuration.nats, name: `${configuration.namespace}/${configuration.owner}/${application}` }),
    };
    return {
      module: ServiceKitModule,
      global: true,
      imports: [TerminusModule.forRoot({ logger: false })],
      controllers: [HealthController],
      providers: [{ provide: Configuration, useValue: configuration }, { provide: LOG, useValue: log }, Metrics, connection, NatsClient, ProcessFailure, Readiness],
      exports: [Configuration, LOG, Metrics, NATS_CONNECTION, NatsClient, ProcessFailure, Readiness],
    };
  }
}
