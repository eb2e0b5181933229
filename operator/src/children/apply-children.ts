import type { KubernetesObject } from '@grm/controller-runtime';
import { keyOf } from '../kubernetes/key-of.ts';
import type { KubernetesClient } from '../kubernetes/kubernetes-client.ts';
import { ForeignChildError } from './foreign-child-error.ts';
import { childTypeOf } from './child-types.ts';
import { withOwner } from './with-owner.ts';

export interface ApplyChildrenOptions {
  readonly client: Pick<KubernetesClient, 'apply'>;
  readonly owner: KubernetesObject;
  readonly planned: readonly KubernetesObject[];
  /** The child as the cache has it. */
  readonly live: (planned: KubernetesObject) => KubernetesObject | undefined;
  /** Whether a live child holds all that is planned, so that nothing has to be done. */
  readonly isCurrent: (live: KubernetesObject, planned: KubernetesObject) => boolean;
}

/**
 * Makes children what they are planned to be; those that are asks nothing of the API server. All are tried, whatever becomes of one.
 * @returns those that were written
 * @throws ForeignChildError, or what the API server says of the first that it refused
 */
export async function applyChildren({ client, owner, planned, live, isCurrent }: ApplyChildrenOptions): Promise<KubernetesObject[]> {
  const stale = planned
    .map((child) => withOwner(child, owner))
    .filter((child) => {
      const found = live(child);
      if (found !== undefined) checkOwner(found, owner);
      return found === undefined || !isCurrent(found, child);
    });
  const results = await Promise.allSettled(stale.map((child) => client.apply(childTypeOf(child), child, { force: true })));
  const refused = results.find((result) => result.status === 'rejected');
  if (refused !== undefined) throw refused.reason;
  return stale;
}

/** What belongs to somebody else is not taken over: it might be in use. */
function checkOwner(found: KubernetesObject, owner: KubernetesObject): void {
  const controller = found.metadata.ownerReferences?.find((reference) => reference.controller === true);
  if (controller?.uid !== owner.metadata.uid) throw new ForeignChildError(found, keyOf(owner), controller);
}
