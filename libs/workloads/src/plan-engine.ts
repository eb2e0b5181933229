import type { EngineServer, GRMInferenceService, ModelSource, OpenAIEngine, ServiceWorker } from '@grm/resources';
import { nameOf, referenceOf } from './model-reference.ts';
import type { Gpus, PodPlan } from './pod-template.ts';
import { planServer } from './plan-server.ts';
import type { Place, Site } from './site.ts';

export interface EngineOptions {
  readonly component: 'sampler' | 'meta-rm';
  readonly source: ModelSource;
  readonly artifact: 'policy' | 'metaRM';
  readonly settings: ServiceWorker;
}

type EnginePlan = Pick<PodPlan, 'environment' | 'secrets' | 'cores' | 'memory' | 'places' | 'gpus' | 'sidecar'>;

/** What a worker's pod needs for what computes there, or for asking who does elsewhere. */
export function planEngine(service: GRMInferenceService, site: Site, options: EngineOptions): EnginePlan {
  const { source, artifact, settings } = options;
  const place = 'served' in source ? undefined : site.resolve(referenceOf(service, source, artifact));
  const model = { ...(place === undefined ? {} : { GRM_MODEL: place.path }), GRM_MODEL_NAME: nameOf(source) };
  const places = place === undefined ? [] : [place];
  const { engine, concurrency, nodePool } = settings;
  const gpus: { gpus?: Gpus } = nodePool === undefined ? {} : { gpus: { product: nodePool.gpuProduct, count: nodePool.gpus } };
  if ('embedded' in engine) {
    const { threads, weights } = engine.embedded;
    return { environment: { ...model, GRM_MODEL_WEIGHTS: weights, GRM_ENGINE_THREADS: String(threads) }, cores: threads * concurrency, memory: '1Gi', places, ...gpus };
  }
  return { ...asking(engine.openAI, options, place), environment: { ...model, ...serverVariables(engine.openAI, source) }, places, ...gpus };
}

/** A process that only asks: it renders prompts, and keeps none of the weights. */
function asking(engine: OpenAIEngine, { component, source, settings }: EngineOptions, place: Place | undefined): Pick<EnginePlan, 'secrets' | 'cores' | 'memory' | 'sidecar'> {
  const { apiKeySecret } = engine;
  return {
    cores: 0.5,
    memory: '1Gi',
    ...(apiKeySecret === undefined ? {} : { secrets: { GRM_SERVER_API_KEY: apiKeySecret } }),
    ...('server' in engine ? { sidecar: planServer(engine, { component, place, model: servedNameOf(engine, source), gpus: settings.nodePool?.gpus ?? 0 }) } : {}),
  };
}

function serverVariables(engine: OpenAIEngine, source: ModelSource): Record<string, string> {
  const { dialect, servedModelName, maxConcurrent, maxWaiting } = engine;
  const inThePod: EngineServer | undefined = 'server' in engine ? engine.server : undefined;
  const known = inThePod !== undefined || servedModelName !== undefined || 'served' in source;
  return {
    GRM_ENGINE: 'openai',
    GRM_SERVER_URL: 'url' in engine ? engine.url : `http://127.0.0.1:${engine.server.port}`,
    GRM_SERVER_DIALECT: dialect,
    ...(known ? { GRM_SERVER_MODEL: servedNameOf(engine, source) } : {}),
    GRM_SERVER_MAX_CONCURRENT: String(maxConcurrent),
    GRM_SERVER_MAX_WAITING: String(maxWaiting),
    ...(inThePod === undefined ? {} : { GRM_SERVER_STARTUP_SECONDS: String(inThePod.startupSeconds) }),
  };
}

const servedNameOf = ({ servedModelName }: OpenAIEngine, source: ModelSource): string => servedModelName ?? nameOf(source);
