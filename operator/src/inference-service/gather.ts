import { isControlledBy, keyOf, ownerIndex } from '@grm/controller-runtime';
import { defaultRollout, type GRMInferenceService } from '@grm/resources';
import type { OperatorInformers } from '../children/operator-informers.ts';
import type { ServiceNats } from '../nats/service-nats.ts';
import { componentOf, revisionOf, servingOf, type ServiceChildren } from './facts/revision-facts.ts';
import type { InferenceServiceObject } from './inference-service-object.ts';
import { nameRevision } from './model/name-revision.ts';
import { resolveModel } from './model/resolve-model.ts';
import type { DesiredRevision, NatsFacts, ServiceFacts } from './service-facts.ts';

export interface GatherOptions {
  readonly informers: Pick<OperatorInformers, 'runs' | 'deployments' | 'pods' | 'jobs'>;
  readonly nats: ServiceNats;
  /** Image for services that are new or have changed. */
  readonly image: string;
  readonly now: number;
}

/** Everything that is known of a service: from memory, and from NATS within bounds. */
export async function gather(object: InferenceServiceObject, service: GRMInferenceService, options: GatherOptions): Promise<ServiceFacts> {
  const { informers, now } = options;
  const { namespace } = keyOf(object);
  const children = childrenOf(object, informers);
  const jobs = informers.jobs.store.byIndex(ownerIndex, object.metadata.uid ?? '');
  const voters = children.deployments.find((deployment) => componentOf(deployment) === 'voter');
  const runOf = (name: string) => informers.runs.store.get({ namespace, name });
  const policy = resolveModel(service.spec.model, 'policy', runOf);
  const metaRM = service.spec.metaRM === undefined ? undefined : resolveModel(service.spec.metaRM.model ?? service.spec.model, 'metaRM', runOf);
  const desired = desiredOf(service, policy, metaRM);
  const serving = voters === undefined ? undefined : servingOf(voters);
  return {
    now,
    object,
    service,
    rollout: service.spec.rollout ?? defaultRollout(),
    policy,
    ...(metaRM === undefined ? {} : { metaRM }),
    ...(desired === undefined ? {} : { desired }),
    children,
    jobs,
    ...(voters === undefined ? {} : { voters }),
    nats: await natsFacts(service, children, desired, serving, options),
    image: imageOf(object, options.image),
  };
}

/** An operator of another version has another image: services get it when they change, not when the operator does. */
function imageOf({ metadata, status }: InferenceServiceObject, image: string): string {
  return status?.image !== undefined && status.observedGeneration === metadata.generation ? status.image : image;
}

function childrenOf(object: InferenceServiceObject, { deployments, pods }: GatherOptions['informers']): ServiceChildren {
  const mine = deployments.store.byIndex(ownerIndex, object.metadata.uid ?? '').filter((deployment) => isControlledBy(deployment, object));
  const { namespace, name } = keyOf(object);
  return { deployments: mine, pods: pods.store.byIndex('service', `${namespace}/${name}`) };
}

function desiredOf(service: GRMInferenceService, policy: ServiceFacts['policy'], metaRM: ServiceFacts['metaRM']): DesiredRevision | undefined {
  if (policy.state !== 'Resolved' || (metaRM !== undefined && metaRM.state !== 'Resolved')) return undefined;
  const { sampler, metaRM: scorer, template } = service.spec;
  const name = nameRevision({
    policy: policy.model,
    policyEngine: sampler.engine,
    ...(metaRM === undefined || scorer === undefined ? {} : { metaRM: metaRM.model, metaRMEngine: scorer.engine }),
    template,
  });
  return { name, policy: policy.model, ...(metaRM === undefined ? {} : { metaRM: metaRM.model }) };
}

/** Only what the next decision needs is asked. A failure of one is "not known" of that one. */
async function natsFacts(service: GRMInferenceService, children: ServiceChildren, desired: DesiredRevision | undefined, serving: string | undefined, { nats }: GatherOptions): Promise<NatsFacts> {
  if (!nats.connected) return { connected: false, drained: new Map() };
  const address = { namespace: service.metadata.namespace, service: service.metadata.name };
  const present = [...new Set(children.deployments.flatMap((deployment) => revisionOf(deployment) ?? []))];
  const revisions = [...new Set([...present, ...(serving === undefined ? [] : [serving]), ...(desired === undefined ? [] : [desired.name])])];
  const problem = revisions.length === 0 ? undefined : await nats.ensure(address, revisions, service.spec.limits.maxPending).then(() => undefined, (error: unknown) => (error instanceof Error ? error.message : String(error)));
  if (problem !== undefined) return { connected: nats.connected, problem, drained: new Map() };
  const unknown = () => undefined;
  const read = serving ?? desired?.name;
  const others = present.filter((revision) => revision !== serving);
  const gated = service.spec.rollout?.gate !== undefined && desired !== undefined && desired.name !== serving;
  const [reading, gateReport, ...drained] = await Promise.all([
    read === undefined ? undefined : nats.read({ ...address, revision: read }).catch(unknown),
    gated ? nats.gateReport({ ...address, revision: desired.name }).catch(unknown) : undefined,
    ...others.map((revision) => nats.drained({ ...address, revision }).catch(unknown)),
  ]);
  return {
    connected: true,
    ...(reading === undefined ? {} : { reading }),
    ...(gateReport === undefined ? {} : { gateReport }),
    drained: new Map(others.flatMap((revision, index) => (drained[index] === undefined ? [] : [[revision, drained[index]] as const]))),
  };
}
