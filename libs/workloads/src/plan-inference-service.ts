import type { GRMInferenceService, ModelSource, ServiceWorker } from '@grm/resources';
import { basename } from 'node:path';
import { type Component, metadataOf, selectorOf } from './component.ts';
import type { Deployment, KubernetesObject, Service } from './kubernetes-objects.ts';
import { podTemplate } from './pod-template.ts';
import type { Place, Reference, Site } from './site.ts';

/** Samplers, voters and, where one is asked for, meta RMs: a Deployment each, and a Service for health and metrics. */
export function planInferenceService(service: GRMInferenceService, site: Site): KubernetesObject[] {
  const { spec } = service;
  const policy = site.resolve(referenceOf(service, spec.model, 'policy'));
  const workers = [component(service, site, 'sampler', spec.sampler.replicas, policy, workerEnvironment(service, spec.sampler, { name: nameOf(spec.model), path: policy.path }))];
  if (spec.metaRM !== undefined) {
    const source = spec.metaRM.model ?? spec.model;
    const scorer = site.resolve(referenceOf(service, source, 'metaRM'));
    workers.push(component(service, site, 'meta-rm', spec.metaRM.replicas, scorer, workerEnvironment(service, spec.metaRM, { name: nameOf(source), path: scorer.path })));
  }
  return [...workers, component(service, site, 'voter', spec.voter.replicas, undefined, voterEnvironment(service))].flat();
}

interface ComponentEnvironment {
  readonly variables: Readonly<Record<string, string>>;
  readonly cores: number;
}

function workerEnvironment(service: GRMInferenceService, worker: ServiceWorker, model: { readonly name: string; readonly path: string }): ComponentEnvironment {
  const { threads, weights } = worker.engine.embedded;
  return {
    variables: {
      ...address(service),
      GRM_MODEL: model.path,
      GRM_MODEL_NAME: model.name,
      GRM_MODEL_WEIGHTS: weights,
      GRM_ENGINE_THREADS: String(threads),
      GRM_CONCURRENCY: String(worker.concurrency),
      GRM_MAX_PROMPT_TOKENS: String(service.spec.limits.maxPromptTokens),
    },
    cores: threads * worker.concurrency,
  };
}

function voterEnvironment(service: GRMInferenceService): ComponentEnvironment {
  const { sampling, vote, limits, template } = service.spec;
  return {
    variables: {
      ...address(service),
      GRM_TEMPLATE: template.toLowerCase(),
      GRM_SAMPLES: String(sampling.samples),
      GRM_TEMPERATURE: String(sampling.temperature),
      GRM_MAX_TOKENS: String(sampling.maxTokens),
      GRM_STOPPING: sampling.stopping,
      GRM_VOTE_META_RM: vote.metaRM,
      ...(vote.keep === undefined ? {} : { GRM_VOTE_KEEP: String(vote.keep) }),
      GRM_MAX_PENDING: String(limits.maxPending),
      GRM_MAX_RESPONSES: String(limits.maxResponses),
      GRM_MAX_PROMPT_TOKENS: String(limits.maxPromptTokens),
    },
    cores: 0.25,
  };
}

function address({ metadata }: GRMInferenceService): { GRM_NAMESPACE: string; GRM_SERVICE: string } {
  return { GRM_NAMESPACE: metadata.namespace, GRM_SERVICE: metadata.name };
}

function referenceOf(service: GRMInferenceService, source: ModelSource, artifact: 'policy' | 'metaRM'): Reference {
  if ('builtin' in source) return { kind: 'builtin', name: source.builtin };
  if ('volume' in source) return { kind: 'volume', path: source.volume.path };
  return { kind: 'artifact', run: { namespace: service.metadata.namespace, name: source.trainingRun.name }, artifact };
}

/** What verdicts call a model: the builtin's name, the run's, or that of the folder or file. */
function nameOf(source: ModelSource): string {
  if ('builtin' in source) return source.builtin;
  if ('volume' in source) return basename(source.volume.path, '.gguf');
  return source.trainingRun.name;
}

function component(
  service: GRMInferenceService,
  site: Site,
  name: Exclude<Component, 'trainer' | 'rollouts'>,
  replicas: number,
  model: Place | undefined,
  { variables, cores }: ComponentEnvironment,
): [Deployment, Service] {
  const metadata = metadataOf(service, name);
  const selector = selectorOf(service, name);
  const template = podTemplate({
    resource: service,
    component: name,
    site,
    environment: variables,
    cores,
    memory: model === undefined ? '256Mi' : '1Gi',
    places: model === undefined ? [] : [model],
    restartPolicy: 'Always',
    graceSeconds: 60,
  });
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: { replicas, selector: { matchLabels: selector }, strategy: strategyOf(name), template },
    },
    { apiVersion: 'v1', kind: 'Service', metadata, spec: { selector, ports: [{ name: 'http', port: 8080, targetPort: 'http' }] } },
  ];
}

/** Models sit on scarce machines, so their pods are replaced one by one in place; a voter is cheap, so none is ever missing. */
function strategyOf(name: Component): Deployment['spec']['strategy'] {
  const rollingUpdate = name === 'voter' ? { maxSurge: 1, maxUnavailable: 0 } : { maxSurge: 0, maxUnavailable: 1 };
  return { type: 'RollingUpdate', rollingUpdate };
}
