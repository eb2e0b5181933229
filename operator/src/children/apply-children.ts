import { isAlreadyExists, isControlledBy, keyOf, type KubernetesObject } from '@grm/controller-runtime';
import type { KubernetesClient } from '../kubernetes/kubernetes-client.ts';
import type { ChildCache } from './child-cache.ts';
import { ForeignChildError } from './foreign-child-error.ts';
import { childTypeOf } from './child-types.ts';
import { withOwner } from './with-owner.ts';

export interface ApplyChildrenOptions {
  readonly client: Pick<KubernetesClient, 'apply' | 'create'>;
  readonly owner: KubernetesObject;
  readonly planned: readonly KubernetesObject[];
  readonly cache: Pick<ChildCache, 'live' | 'wrote'>;
  /** Whether a live child holds all that is planned, so that nothing has to be done. */
  readonly isCurrent: (live: KubernetesObject, planned: KubernetesObject) => boolean;
}

/**
 * Makes children what they are planned to be; those that are asks nothing of the API server. All are tried, whatever becomes of one.
 * @throws ForeignChildError, or what the API server says of the first that it refused
 */
export async function applyChildren({ client, owner, planned, cache, isCurrent }: ApplyChildrenOptions): Promise<void> {
  const stale = planned
    .map((child) => withOwner(child, owner))
    .filter((child) => {
      const found = cache.live(child);
      if (found !== undefined) checkOwner(found, owner);
      // What a claim asks for cannot be changed once it is bound.
      return found === undefined || (child.kind !== 'PersistentVolumeClaim' && !isCurrent(found, child));
    });
  const results = await Promise.allSettled(stale.map(async (child) => cache.wrote(owner, await write(child, cache.live(child) === undefined, client))));
  const refused = results.find((result) => result.status === 'rejected');
  if (refused !== undefined) throw refused.reason;
}

/** What belongs to somebody else is not taken over: it might be in use. */
function checkOwner(found: KubernetesObject, owner: KubernetesObject): void {
  if (isControlledBy(found, owner)) return;
  throw new ForeignChildError(found, keyOf(owner), found.metadata.ownerReferences?.find(({ controller }) => controller === true));
}

/** What is new is created, which is less work for the API server than applying; what is there already is applied. */
async function write(child: KubernetesObject, isNew: boolean, client: ApplyChildrenOptions['client']): Promise<KubernetesObject> {
  const type = childTypeOf(child);
  if (isNew) {
    const created = await client.create(type, child).catch((error: unknown) => {
      if (!isAlreadyExists(error)) throw error;
      return undefined;
    });
    if (created !== undefined) return created;
  }
  return client.apply(type, child, { force: true });
}
