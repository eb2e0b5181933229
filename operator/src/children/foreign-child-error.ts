import type { KubernetesObject, ObjectKey } from '@grm/controller-runtime';

/** An object of the name that a child is to have is there already, and is somebody else's. */
export class ForeignChildError extends Error {
  override readonly name = 'ForeignChildError';

  constructor({ kind, metadata }: KubernetesObject, owner: ObjectKey, controller: { readonly kind: string; readonly name: string } | undefined) {
    const whose = controller === undefined ? 'nobody owns it' : `it belongs to ${controller.kind} ${controller.name}`;
    super(`${kind} ${metadata.namespace ?? ''}/${metadata.name} is in the way of ${owner.name}: ${whose}; delete or rename it`);
  }
}
