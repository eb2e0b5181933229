import { type ApiClient, isNotFound, type KubernetesObject, ownerIndex } from '@grm/controller-runtime';
import { childIsCurrent, metadataOf, type Site } from '@grm/workloads';
import type { GRMInferenceService } from '@grm/resources';
import type { ChildCache } from '../children/child-cache.ts';
import { childTypeOf } from '../children/child-types.ts';
import type { OperatorInformers } from '../children/operator-informers.ts';
import { serviceChildInformers } from '../children/operator-informers.ts';
import { withOwner } from '../children/with-owner.ts';
import { deleteObject } from '../kubernetes/delete-object.ts';
import { deployments } from '../kubernetes/live-deployment.ts';
import { type FieldConflict, fieldConflictOf, isOwnConflict } from './field-conflict.ts';
import type { InferenceServiceObject } from './inference-service-object.ts';
import { planChildren } from './plan-children.ts';
import type { RolloutStep } from './rollout/rollout-step.ts';

export interface CarryOutOptions {
  readonly client: Pick<ApiClient, 'apply' | 'patch' | 'delete' | 'fieldManager'>;
  readonly informers: OperatorInformers;
  readonly cache: ChildCache;
  readonly site: Site;
}

/** Makes the children what a step asks for: applies, scales, deletes; and asks nothing where all is so already. @returns what others have set otherwise */
export async function carryOut(object: InferenceServiceObject, service: GRMInferenceService, step: RolloutStep, desired: string, options: CarryOutOptions): Promise<FieldConflict[]> {
  const planned = planChildren(service, options.site, step, desired);
  const conflicts: FieldConflict[] = [];
  for (const child of planned.children) {
    const conflict = await applyChild(withOwner(child, object), object, options);
    if (conflict !== undefined) conflicts.push(conflict);
  }
  const kept = new Set(planned.children.map(identityOf));
  for (const { revision, sampler, metaRM } of planned.scaled) {
    for (const [component, replicas] of [['sampler', sampler], ['meta-rm', metaRM ?? 0]] as const) {
      const { name } = metadataOf(service, component, revision);
      kept.add(`Deployment/${name}`);
      await scale({ namespace: service.metadata.namespace, name }, replicas, object, options);
    }
  }
  await prune(object, kept, options);
  return conflicts;
}

const identityOf = ({ kind, metadata }: KubernetesObject): string => `${kind}/${metadata.name}`;

async function applyChild(child: KubernetesObject, owner: InferenceServiceObject, { client, cache }: CarryOutOptions): Promise<FieldConflict | undefined> {
  const live = cache.live(child);
  // A gate's Job is made once: it cannot be changed.
  if (live !== undefined && (child.kind === 'Job' || childIsCurrent(live, child))) return undefined;
  const type = childTypeOf(child);
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

function withoutReplicas(child: KubernetesObject): KubernetesObject {
  if (!('spec' in child) || typeof child.spec !== 'object' || child.spec === null) return child;
  const { replicas: _others, ...spec } = child.spec as Record<string, unknown>;
  return { ...child, spec } as KubernetesObject;
}

/** The number of a revision's workers that an earlier spec has planned. */
async function scale(key: { readonly namespace: string; readonly name: string }, replicas: number, owner: InferenceServiceObject, { client, informers, cache }: CarryOutOptions): Promise<void> {
  const live = informers.deployments.store.get(key);
  if (live === undefined || live.spec?.replicas === replicas) return;
  cache.wrote(owner, await client.patch(deployments, key, { spec: { replicas } }, { type: 'merge' }));
}

/** Children that the step asks for no more. */
async function prune(owner: InferenceServiceObject, kept: ReadonlySet<string>, { client, informers }: CarryOutOptions): Promise<void> {
  for (const informer of serviceChildInformers(informers)) {
    for (const child of informer.store.byIndex(ownerIndex, owner.metadata.uid ?? '')) {
      if (kept.has(identityOf(child)) || child.metadata.deletionTimestamp !== undefined) continue;
      await deleteObject(client, informer.type, child).catch((error: unknown) => {
        if (!isNotFound(error)) throw error;
      });
    }
  }
}

