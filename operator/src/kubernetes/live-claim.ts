import { type KubernetesObject, resourceType } from '@grm/controller-runtime';

/** A PersistentVolumeClaim as the API server has it: the fields that decisions read. */
export interface LiveClaim extends KubernetesObject {
  readonly spec?: { readonly storageClassName?: string; readonly volumeName?: string };
  readonly status?: { readonly phase?: 'Pending' | 'Bound' | 'Lost' };
}

export const claims = resourceType<LiveClaim>({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', plural: 'persistentvolumeclaims', namespaced: true });
