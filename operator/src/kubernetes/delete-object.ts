import { isNotFound, keyOf, type KubernetesObject, type ResourceType } from '@grm/controller-runtime';
import type { KubernetesClient } from './kubernetes-client.ts';

/** Deletes this very object, not another one of its name, and then what it owns, pods with their grace. One that is gone already is fine. */
export async function deleteObject<T extends KubernetesObject>(
  client: Pick<KubernetesClient, 'delete'>,
  type: ResourceType<T>,
  object: T,
  options: { readonly gracePeriodSeconds?: number } = {},
): Promise<void> {
  const { uid } = object.metadata;
  await client.delete(type, keyOf(object), { propagation: 'Background', ...(uid === undefined ? {} : { uid }), ...options }).catch(ignoreNotFound);
}

export function ignoreNotFound(error: unknown): undefined {
  if (!isNotFound(error)) throw error;
}
