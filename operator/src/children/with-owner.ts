import type { KubernetesObject } from '@grm/controller-runtime';

/** The object as a child of its owner: deleted with it, and reconciled through it. */
export function withOwner<T extends KubernetesObject>(object: T, owner: KubernetesObject): T {
  const { apiVersion, kind, metadata } = owner;
  if (metadata.uid === undefined) throw new Error(`${kind} ${metadata.name} has no uid; only what the API server has can own something`);
  const reference = { apiVersion, kind, name: metadata.name, uid: metadata.uid, controller: true, blockOwnerDeletion: true };
  return { ...object, metadata: { ...object.metadata, ownerReferences: [reference] } };
}
