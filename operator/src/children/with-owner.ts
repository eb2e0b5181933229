import { controllerReference, type KubernetesObject } from '@grm/controller-runtime';

/** The object as a child of its owner: deleted with it, and reconciled through it. */
export function withOwner<T extends KubernetesObject>(object: T, owner: KubernetesObject): T {
  return { ...object, metadata: { ...object.metadata, ownerReferences: [controllerReference(owner)] } };
}
