import { type ApiClient, type KubernetesObject, ownerIndex, type ResourceType } from '@grm/controller-runtime';
import { childIsCurrent, hasSamePlan, metadataOf, type Site } from '@grm/workloads';
import type { GRMInferenceService } from '@grm/resources';
import { settleAll } from '../background/settle-all.ts';
import { valuesOf } from '../background/values-of.ts';
import type { ChildCache } from '../children/child-cache.ts';
import { childTypeOf } from '../children/child-types.ts';
import { type OperatorInformers, type ServiceChildKind, serviceChildInformers } from '../children/operator-informers.ts';
import { withOwner } from '../children/with-owner.ts';
import { deleteObject } from '../kubernetes/delete-object.ts';
import { deployments } from '../kubernetes/live-deployment.ts';
import { type FieldConflict, fieldConflictOf, isOwnConflict } from './field-conflict.ts';
import type { InferenceServiceObject } from './inference-service-object.ts';
import { planChildren } from './plan-children.ts';
import type { RolloutStep } from './rollout/rollout-step.ts';

export interface CarryOutOptions {
  readonly client: Pick<ApiClient, 'apply' | 'patch' | 'delete' | 'fieldManager'>;
  readonly informers: Pick<OperatorInformers, 'deployments' | ServiceChildKind>;
  readonly cache: Pick<ChildCache, 'live' | 'wrote'>;
  readonly site: Site;
}

/** Requests of one service at a time. Many services are worked on at once, and the lease has to be renewed beside them. */
const AT_A_TIME = 4;

/** What runs pods: these find their account, their policy and their Service there. */
const workloadKinds: ReadonlySet<string> = new Set(['Deployment', 'Job']);

/**
 * Makes the children what a step asks for: applies, scales, deletes; and asks nothing where all is so already. All is tried, whatever becomes of one.
 * @returns what others have set otherwise
 * @throws what the one said that failed; of several an AggregateError with what each said
 */
export async function carryOut(object: InferenceServiceObject, service: GRMInferenceService, step: RolloutStep, desired: string, options: CarryOutOptions): Promise<FieldConflict[]> {
  const planned = planChildren(service, options.site, step, desired);
  const children = planned.children.map((child) => withOwner(child, object));
  const scaled = planned.scaled.flatMap(({ revision, sampler, metaRM }) => [
    { name: metadataOf(service, 'sampler', revision).name, replicas: sampler },
    { name: metadataOf(service, 'meta-rm', revision).name, replicas: metaRM ?? 0 },
  ]);
  const kept = new Set([...children.map(identityOf), ...scaled.map(({ name }) => `Deployment/${name}`)]);
  const apply = (child: KubernetesObject) => applyChild(child, object, options);
  const outcomes: PromiseSettledResult<FieldConflict | undefined>[] = [
    ...(await settleAll(children.filter(({ kind }) => !workloadKinds.has(kind)), AT_A_TIME, apply)),
    ...(await settleAll(children.filter(({ kind }) => workloadKinds.has(kind)), AT_A_TIME, apply)),
    ...(await settleAll(scaled, AT_A_TIME, ({ name, replicas }) => scale({ namespace: service.metadata.namespace, name }, replicas, object, options))),
    ...(await settleAll(unwanted(object, kept, options), AT_A_TIME, ({ type, child }) => deleteObject(options.client, type, child).then(() => undefined))),
  ];
  return valuesOf(outcomes).filter((conflict) => conflict !== undefined);
}

const identityOf = ({ kind, metadata }: KubernetesObject): string => `${kind}/${metadata.name}`;

async function applyChild(child: KubernetesObject, owner: InferenceServiceObject, { client, cache }: CarryOutOptions): Promise<FieldConflict | undefined> {
  const live = cache.live(child);
  const type = childTypeOf(child);
  if (live !== undefined && child.kind === 'Job') return replaceJob(live, child, type, client);
  if (live !== undefined && childIsCurrent(live, child)) return undefined;
  try {
    cache.wrote(owner, await client.apply(type, child));
    return undefined;
  } catch (error) {
    if (isOwnConflict(error, client.fieldManager)) {
      cache.wrote(owner, await client.apply(type, child, { force: true }));
      return undefined;
    }
    const conflict = fieldConflictOf(child, error);
    if (conflict === undefined) throw error;
    // Everything but what somebody else has taken is still the operator's to say.
    if (conflict.replicasOnly && live !== undefined && !childIsCurrent(live, withoutReplicas(child))) cache.wrote(owner, await client.apply(type, withoutReplicas(child)));
    return conflict;
  }
}

/** A gate's Job cannot be changed: one that was planned from other inputs goes, and the look that its end brings makes another. */
async function replaceJob(live: KubernetesObject, planned: KubernetesObject, type: ResourceType, client: CarryOutOptions['client']): Promise<undefined> {
  if (!hasSamePlan(live, planned) && live.metadata.deletionTimestamp === undefined) await deleteObject(client, type, live);
}

function withoutReplicas(child: KubernetesObject): KubernetesObject {
  if (!('spec' in child) || typeof child.spec !== 'object' || child.spec === null) return child;
  const { replicas: _others, ...spec } = child.spec as Record<string, unknown>;
  return { ...child, spec } as KubernetesObject;
}

/** The number of a revision's workers that an earlier spec has planned. */
async function scale(key: { readonly namespace: string; readonly name: string }, replicas: number, owner: InferenceServiceObject, { client, informers, cache }: CarryOutOptions): Promise<undefined> {
  const live = informers.deployments.store.get(key);
  if (live === undefined || live.spec?.replicas === replicas) return undefined;
  cache.wrote(owner, await client.patch(deployments, key, { spec: { replicas } }, { type: 'merge' }));
}

/** Children that the step asks for no more. */
function unwanted(owner: InferenceServiceObject, kept: ReadonlySet<string>, { informers }: CarryOutOptions): { readonly type: ResourceType; readonly child: KubernetesObject }[] {
  return serviceChildInformers(informers).flatMap(({ type, store }) =>
    store
      .byIndex(ownerIndex, owner.metadata.uid ?? '')
      .filter((child) => !kept.has(identityOf(child)) && child.metadata.deletionTimestamp === undefined)
      .map((child) => ({ type, child })),
  );
}
