import { instantEngine, openEmbeddedEngine, openServerEngine } from '@grm/engine';
import { type Configuration, locateModel, type Log, type NatsClient, type ProcessFailure } from '@grm/service-kit';
import type { SamplerEngine } from './sampler-engine.ts';

/** The engine that the process is configured for: one worker for each task at once, or one server for all. */
export async function openEngine(configuration: Configuration, nats: NatsClient, log: Log, failure: ProcessFailure): Promise<SamplerEngine> {
  const { kind, threads, weights } = configuration.engine;
  if (kind === 'instant') return instantEngine();
  if (kind === 'openai') return openOnServer(configuration, nats, log, failure);
  const { path: model, name, check } = await locateModel(configuration, nats, log);
  const engine = await openEmbeddedEngine({ model, kind: 'generate', threads, weights, workers: configuration.concurrency, ...(name === undefined ? {} : { name }) });
  check(engine.info.revision);
  return engine;
}

async function openOnServer(configuration: Configuration, nats: NatsClient, log: Log, failure: ProcessFailure): Promise<SamplerEngine> {
  const { hasPrompts, ...server } = configuration.server;
  const prompts = hasPrompts ? { prompts: (await locateModel(configuration, nats, log)).path } : {};
  return openServerEngine({
    ...server,
    ...prompts,
    kind: 'generate',
    report: (line) => log.info({ server: server.url }, line),
    // Tasks and verdicts name the model that it answers for.
    replaced: (found) => failure.report(new Error(found)),
  });
}
