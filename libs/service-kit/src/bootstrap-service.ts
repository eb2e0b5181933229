import { Configuration } from './configuration/configuration.ts';
import { ConfigurationError } from './configuration/configuration-error.ts';
import { endWithStdin } from './end-with-stdin.ts';
import { type ServiceOptions, startService } from './start-service.ts';
import { createLog } from './telemetry/log.ts';


/** A module, or how to choose one where it depends on what the process was told. */
type ModuleChoice = Pick<ServiceOptions, 'module'> | { readonly moduleOf: (configuration: Configuration) => ServiceOptions['module'] };

export type BootstrapOptions = Omit<ServiceOptions, 'configuration' | 'log' | 'module'> & ModuleChoice;

/**
 * Runs one service as this process, the whole of an app's `main.ts`.
 * SIGTERM and SIGINT stop it cleanly and it exits with 0, not with the signal: a drained worker has not crashed.
 * Exits with 1, having said why, when it cannot start, reports a ProcessFailure, or does not stop in time.
 */
export async function bootstrapService(options: BootstrapOptions): Promise<void> {
  const configuration = loadConfiguration(options.application);
  const log = createLog(options.application, configuration);
  try {
    const service = await startService({ ...options, module: 'module' in options ? options.module : options.moduleOf(configuration), configuration, log });
    let stopping = false;
    const stop = (exitCode: number) => {
      if (stopping) return;
      stopping = true;
      setTimeout(() => {
        log.fatal({ drainMs: configuration.drainMs }, 'did not stop in time');
        process.exit(1);
      }, configuration.drainMs).unref();
      service.close().then(
        () => {
          log.info('stopped');
          process.exit(exitCode);
        },
        (error: unknown) => {
          log.fatal({ err: error }, 'did not stop cleanly');
          process.exit(1);
        },
      );
    };
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        log.info({ signal }, 'stopping');
        stop(0);
      });
    }
    endWithStdin(configuration);
    void service.failed.then((error) => {
      log.fatal({ err: error }, 'cannot go on');
      stop(1);
    });
  } catch (error) {
    log.fatal(error instanceof ConfigurationError ? {} : { err: error }, `cannot start: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  }
}

function loadConfiguration(application: string): Configuration {
  try {
    return Configuration.load();
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    process.stderr.write(`${application}: ${error.message}\n`);
    process.exit(1);
  }
}
