import { type KubernetesObject, resourceType } from '@grm/controller-runtime';
import { join } from 'node:path';

export const provisioner = 'grm.dev/node-folder';
/** The default class of the cluster. */
export const className = 'node-folder';

export interface Claim extends KubernetesObject {
  readonly spec: { readonly storageClassName?: string; readonly volumeName?: string; readonly accessModes: readonly string[]; readonly resources: { readonly requests: Readonly<Record<string, string>> } };
}
export interface Volume extends KubernetesObject {
  readonly spec: {
    readonly accessModes: readonly string[];
    readonly capacity: Readonly<Record<string, string>>;
    readonly storageClassName: string;
    readonly persistentVolumeReclaimPolicy: 'Delete';
    readonly claimRef: Readonly<Record<string, string>>;
    readonly local: { readonly path: string };
    readonly nodeAffinity: unknown;
  };
  readonly status?: { readonly phase?: string };
}
interface StorageClass extends KubernetesObject {
  readonly provisioner: string;
  readonly reclaimPolicy: 'Delete';
}

export const claims = resourceType<Claim>({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', plural: 'persistentvolumeclaims', namespaced: true });
export const volumes = resourceType<Volume>({ apiVersion: 'v1', kind: 'PersistentVolume', plural: 'persistentvolumes', namespaced: false });
export const classes = resourceType<StorageClass>({ apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', plural: 'storageclasses', namespaced: false });

export const storageClass: StorageClass = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: className, annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
  provisioner,
  reclaimPolicy: 'Delete',
};

/** The volume that a claim is to get; undefined where it has one, is of another class, or is being deleted. */
export function volumeFor({ metadata, spec }: Claim, node: string, folder: string): Volume | undefined {
  const { name, namespace = '', uid = '', deletionTimestamp } = metadata;
  if (spec.storageClassName !== className || spec.volumeName !== undefined || deletionTimestamp !== undefined) return undefined;
  const volume = `claim-${uid}`;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: volume, annotations: { 'pv.kubernetes.io/provisioned-by': provisioner } },
    spec: {
      accessModes: spec.accessModes,
      capacity: spec.resources.requests,
      storageClassName: className,
      persistentVolumeReclaimPolicy: 'Delete',
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid },
      // Unlike hostPath, a local volume is given to the pod's group.
      local: { path: join(folder, volume) },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node] }] }] } },
    },
  };
}
