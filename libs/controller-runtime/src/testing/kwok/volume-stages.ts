import type { Match, Stage } from './stage.ts';

/** The default StorageClass of a plane: a claim gets a volume that is not there. */
export const fakeStorageClass = 'fake';
export const fakeProvisioner = 'fake.volume/nowhere';

const ours: Match = { key: '.spec.storageClassName', operator: 'In', values: [fakeStorageClass] };
const alive: Match = { key: '.metadata.deletionTimestamp', operator: 'DoesNotExist' };

/** In place of the provisioner: makes a volume for a claim, which the controller manager then binds, and takes it away when it was released. */
export const volumeStages: readonly Stage[] = [
  {
    name: 'claim-provision',
    resource: { apiGroup: 'v1', kind: 'PersistentVolumeClaim' },
    match: [ours, alive, { key: '.status.phase', operator: 'In', values: ['Pending'] }],
    next: [
      {
        kind: 'apply',
        template: `
apiVersion: v1
kind: PersistentVolume
metadata:
  name: pvc-{{ .metadata.uid }}
  annotations: { pv.kubernetes.io/provisioned-by: ${fakeProvisioner} }
spec:
  accessModes: {{ YAML .spec.accessModes 2 }}
  capacity: {{ YAML .spec.resources.requests 2 }}
  persistentVolumeReclaimPolicy: Delete
  storageClassName: ${fakeStorageClass}
  volumeMode: {{ default "Filesystem" .spec.volumeMode | Quote }}
  claimRef:
    apiVersion: v1
    kind: PersistentVolumeClaim
    name: {{ .metadata.name | Quote }}
    namespace: {{ .metadata.namespace | Quote }}
    uid: {{ .metadata.uid | Quote }}
  hostPath: { path: /nowhere }
`,
      },
    ],
  },
  { name: 'volume-delete', resource: { apiGroup: 'v1', kind: 'PersistentVolume' }, match: [ours, alive, { key: '.status.phase', operator: 'In', values: ['Released', 'Failed'] }], next: [{ kind: 'delete' }] },
];
