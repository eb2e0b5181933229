import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { ConfigurationError } from '@grm/service-kit';
import { pino } from 'pino';
import { loadOperatorConfiguration } from './configuration/operator-configuration.ts';
import { OperatorModule, OperatorService } from './process/operator.module.ts';
import { startTracing } from './process/start-tracing.ts';

const exitCodes = { stopped: 0, failed: 1, misused: 2 };

async function operate(): Promise<number> {
  const configuration = loadOperatorConfiguration();
  const log = pino({ name: 'operator', level: configuration.logLevel, timestamp: pino.stdTimeFunctions.isoTime });
  const stopTracing = await startTracing(configuration.services.telemetryEndpoint);
  const app = await NestFactory.createApplicationContext(OperatorModule.forRoot(configuration, log), { logger: ['error', 'warn'] });
  let asked = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      asked = true;
      log.info({ signal }, 'stopping');
      void app.close();
    });
  }
  try {
    await app.get(OperatorService).run();
    return exitCodes.stopped;
  } catch (error) {
    log.fatal({ err: error }, 'cannot go on');
    return exitCodes.failed;
  } finally {
    if (!asked) await app.close();
    await stopTracing();
  }
}

try {
  process.exitCode = await operate();
} catch (error) {
  process.stderr.write(`operator: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof ConfigurationError ? exitCodes.misused : exitCodes.failed;
}
