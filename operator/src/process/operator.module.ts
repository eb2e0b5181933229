import { type DynamicModule, Inject, Injectable, Module, type OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from 'pino';
import type { OperatorConfiguration } from '../configuration/operator-configuration.ts';
import { Operator } from './operator.ts';

export const CONFIGURATION = Symbol('grm.operator-configuration');
export const LOGGER = Symbol('grm.operator-log');

/** Runs the operator as long as the application lives. */
@Injectable()
export class OperatorService implements OnApplicationShutdown {
  readonly #operator: Operator;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;

  constructor(@Inject(CONFIGURATION) configuration: OperatorConfiguration, @Inject(LOGGER) log: Logger) {
    this.#operator = new Operator(configuration, log);
  }

  /** Ends when the application is shut down. @throws when the operator cannot go on: another process leads, or a part of it failed */
  run(): Promise<void> {
    this.#running ??= this.#operator.run(this.#stop.signal);
    return this.#running;
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stop.abort();
    await this.#running?.catch(() => undefined);
    await this.#operator[Symbol.asyncDispose]();
  }
}

@Module({})
export class OperatorModule {
  static forRoot(configuration: OperatorConfiguration, log: Logger): DynamicModule {
    return { module: OperatorModule, providers: [OperatorService, { provide: CONFIGURATION, useValue: configuration }, { provide: LOGGER, useValue: log }] };
  }
}
