import type { KubernetesObject, OwnerReference } from '../api/kubernetes-object.ts';

/** Makes `owner` the controlling owner: its deletion takes the child along. @throws Error for an owner that was never read from the API server */
export function controllerReference({ apiVersion, kind, metadata }: KubernetesObject): OwnerReference {
  if (metadata.uid === undefined) throw new Error(`${kind} ${metadata.name} has no uid yet: read it from the API server before it owns anything`);
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid, controller: true, blockOwnerDeletion: true };
}

export const isControlledBy = (child: KubernetesObject, owner: KubernetesObject): boolean => (child.metadata.ownerReferences ?? []).some(({ controller, uid }) => controller === true && uid === owner.metadata.uid);
