import { instantEngine, openEmbeddedEngine } from '@grm/engine';
import { type Configuration, locateModel, type Log, type NatsClient } from '@grm/service-kit';
import type { SamplerEngine } from './sampler-engine.ts';

/** The engine that the process is configured for: one worker for each task at once. */
export async function openEngine(configuration: Configuration, nats: NatsClient, log: Log): Promise<SamplerEngine> {
  const { kind, threads, weights } = configuration.engine;
  if (kind === 'instant') return instantEngine();
  const { path: model, name, check } = await locateModel(configuration, nats, log);
  const engine = await openEmbeddedEngine({ model, kind: 'generate', threads, weights, workers: configuration.concurrency, ...(name === undefined ? {} : { name }) });
  check(engine.info.revision);
  return engine;
}
