import { type GRMInferenceService, type ModelSource, SERVICE_DEFAULTS, type ServiceWorker } from '@grm/resources';
import { type Component, metadataOf, selectorOf } from './component.ts';
import type { Deployment, Job, KubernetesObject } from './kubernetes-objects.ts';
import { planEngine } from './plan-engine.ts';
import { type PodPlan, podTemplate } from './pod-template.ts';
import { metricsService, networkPolicy, serviceAccount, surroundings } from './plan-surroundings.ts';
import type { Site } from './site.ts';

/** One revision of a service and how many of its workers there are to be; without a number the field is left to its owner. */
export interface RevisionPlan {
  readonly name: string;
  readonly sampler: number | undefined;
  readonly metaRM?: number | undefined;
}

/** Samplers, voters and, where one is asked for, meta RMs, without revisions: a Deployment each, and a Service for health and metrics. */
export function planInferenceService(service: GRMInferenceService, site: Site): KubernetesObject[] {
  const { spec } = service;
  const size = { sampler: spec.sampler.replicas ?? 1, ...(spec.metaRM === undefined ? {} : { metaRM: spec.metaRM.replicas ?? 1 }) };
  const components: [Component, Deployment][] = [
    ...workers(service, site, size).map((one, index): [Component, Deployment] => [index === 0 ? 'sampler' : 'meta-rm', one]),
    ['voter', voter(service, site, 'voter', spec.voter.replicas)],
  ];
  return components.flatMap(([component, one]) => [one, metricsService(service, component)]);
}

/** Everything of a service that no revision changes. */
export function planServiceSurroundings(service: GRMInferenceService, site: Site): KubernetesObject[] {
  const components: Component[] = ['sampler', ...(service.spec.metaRM === undefined ? [] : (['meta-rm'] as const)), 'voter'];
  return [networkPolicy(service, 'voter', site), ...components.flatMap((component) => surroundings(service, component))];
}

/** The workers of one revision. */
export function planServiceRevision(service: GRMInferenceService, site: Site, revision: RevisionPlan): Deployment[] {
  return workers(service, site, revision, revision.name);
}

/** The voters, which send each request to the one revision that serves. */
export function planVoters(service: GRMInferenceService, site: Site, revision: string): Deployment {
  return voter(service, site, 'voter', service.spec.voter.replicas, { GRM_REVISION: revision });
}

/** A voter that only a gate asks, for a revision that does not serve yet. */
export function planCandidate(service: GRMInferenceService, site: Site, revision: string): KubernetesObject[] {
  return [serviceAccount(service, 'candidate'), voter(service, site, 'candidate', 1, { GRM_REVISION: revision, GRM_CANDIDATE: 'true' })];
}

/** The Job that lets a candidate judge a suite; what it finds lies in NATS. Absent where the service has no gate. */
export function planGate(service: GRMInferenceService, site: Site, revision: string, against: string | undefined): KubernetesObject[] {
  const gate = service.spec.rollout?.gate;
  if (gate === undefined) return [];
  const { namespace, name } = service.metadata;
  const metadata = metadataOf(service, 'gate', revision);
  const options = ['--namespace', namespace, '--service', name, '--revision', revision, ...(against === undefined || gate.minAgreement === undefined ? [] : ['--against', against]), '--suite', gate.suite, '--items', String(gate.items), '--seed', '1', '--deadline', String(gate.deadlineSeconds)];
  const job: Job = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata,
    spec: {
      backoffLimit: 2,
      activeDeadlineSeconds: gate.deadlineSeconds,
      template: podTemplate({ resource: service, component: 'gate', revision, site, environment: {}, arguments: ['gate', ...options], cores: 0.25, memory: '512Mi', places: [], restartPolicy: 'Never', drainSeconds: 5 }),
    },
  };
  return [serviceAccount(service, 'gate'), job];
}

type Environment = Readonly<Record<string, string>>;

function workers(service: GRMInferenceService, site: Site, size: Omit<RevisionPlan, 'name'>, revision?: string): Deployment[] {
  const { spec } = service;
  const tag: Environment = revision === undefined ? {} : { GRM_REVISION: revision };
  const samplers = worker(service, site, { component: 'sampler', replicas: size.sampler, source: spec.model, artifact: 'policy', settings: spec.sampler, tag, revision });
  if (spec.metaRM === undefined) return [samplers];
  return [samplers, worker(service, site, { component: 'meta-rm', replicas: size.metaRM, source: spec.metaRM.model ?? spec.model, artifact: 'metaRM', settings: spec.metaRM, tag, revision })];
}

interface WorkerPlan {
  readonly component: 'sampler' | 'meta-rm';
  readonly replicas: number | undefined;
  readonly source: ModelSource;
  readonly artifact: 'policy' | 'metaRM';
  readonly settings: ServiceWorker;
  readonly tag: Environment;
  readonly revision: string | undefined;
}

function worker(service: GRMInferenceService, site: Site, { component, replicas, source, artifact, settings, tag, revision }: WorkerPlan): Deployment {
  const { environment, ...engine } = planEngine(service, site, { component, source, artifact, settings });
  return deployment(service, {
    component,
    revision,
    replicas,
    pod: {
      site,
      environment: { ...address(service), ...tag, ...environment, GRM_CONCURRENCY: String(settings.concurrency), GRM_MAX_PROMPT_TOKENS: String(service.spec.limits.maxPromptTokens) },
      ...engine,
      ...(settings.resources === undefined ? {} : { resources: settings.resources }),
    },
  });
}

function voter(service: GRMInferenceService, site: Site, component: 'voter' | 'candidate', replicas: number, tag: Environment = {}): Deployment {
  const { sampling, vote, limits, template } = service.spec;
  const settings = service.spec.voter.resources;
  return deployment(service, {
    component,
    replicas,
    revision: undefined,
    pod: {
      site,
      environment: {
        ...address(service),
        ...tag,
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
      memory: '256Mi',
      places: [],
      ...(settings === undefined ? {} : { resources: settings }),
    },
  });
}

interface DeploymentPlan {
  readonly component: 'sampler' | 'meta-rm' | 'voter' | 'candidate';
  readonly revision: string | undefined;
  readonly replicas: number | undefined;
  readonly pod: Omit<PodPlan, 'resource' | 'component' | 'restartPolicy' | 'drainSeconds' | 'revision'>;
}

function deployment(service: GRMInferenceService, { component, revision, replicas, pod }: DeploymentPlan): Deployment {
  const tagged = revision === undefined ? {} : { revision };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadataOf(service, component, revision),
    spec: {
      ...(replicas === undefined ? {} : { replicas }),
      selector: { matchLabels: selectorOf(service, component, revision) },
      strategy: strategyOf(service, component),
      template: podTemplate({ resource: service, component, ...tagged, ...pod, restartPolicy: 'Always', drainSeconds: service.spec.drainSeconds ?? SERVICE_DEFAULTS.drainSeconds }),
    },
  };
}

/** Models sit on scarce machines, so their pods are replaced in place; a voter is cheap, so none is ever missing. */
function strategyOf({ spec }: GRMInferenceService, component: DeploymentPlan['component']): Deployment['spec']['strategy'] {
  if (component === 'voter' || component === 'candidate') return { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };
  const { maxSurge, maxUnavailable } = spec.rollout ?? SERVICE_DEFAULTS.rollout;
  return { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } };
}

function address({ metadata }: GRMInferenceService): { GRM_NAMESPACE: string; GRM_SERVICE: string } {
  return { GRM_NAMESPACE: metadata.namespace, GRM_SERVICE: metadata.name };
}
