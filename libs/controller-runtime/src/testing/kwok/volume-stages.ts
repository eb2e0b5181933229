import type { Match, Stage } from './stage.ts';

/** The default StorageClass of a plane: a claim gets a volume that is not there. */
export const fakeStorageClass = 'fake';

const claim = { apiGroup: 'v1', kind: 'PersistentVolumeClaim' };
const volume = { apiGroup: 'v1', kind: 'PersistentVolume' };
const ours: Match = { key: '.spec.storageClassName', operator: 'In', values: [fakeStorageClass] };
const alive: Match = { key: '.metadata.deletionTimestamp', operator: 'DoesNotExist' };

/** In place of the provisioner and of the controllers that bind volumes. */
export const volumeStages: readonly Stage[] = [
  {
    name: 'claim-bind',
    resource: claim,
    match: [ours, alive, { key: '.status.phase', operator: 'NotIn', values: ['Bound'] }],
    next: [
      {
        kind: 'apply',
        template: `
apiVersion: v1
kind: PersistentVolume
metadata:
  name: pvc-{{ .metadata.uid }}
  annotations: { pv.kubernetes.io/provisioned-by: ${fakeStorageClass} }
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
      { kind: 'patch', root: 'metadata', template: 'annotations: { pv.kubernetes.io/bind-completed: "yes", pv.kubernetes.io/bound-by-controller: "yes" }' },
      { kind: 'patch', root: 'spec', template: 'volumeName: pvc-{{ .metadata.uid }}' },
      { kind: 'status', template: 'phase: Bound\naccessModes: {{ YAML .spec.accessModes 1 }}\ncapacity: {{ YAML .spec.resources.requests 1 }}' },
    ],
  },
  { name: 'volume-bind', resource: volume, match: [ours, alive, { key: '.status.phase', operator: 'NotIn', values: ['Bound', 'Released'] }], next: [{ kind: 'status', template: 'phase: Bound' }] },
  {
    name: 'claim-release',
    resource: claim,
    match: [ours, { key: '.metadata.deletionTimestamp', operator: 'Exists' }, { key: '.spec.volumeName', operator: 'Exists' }],
    next: [{ kind: 'apply', subresource: 'status', template: 'apiVersion: v1\nkind: PersistentVolume\nmetadata: { name: {{ .spec.volumeName | Quote }} }\nstatus: { phase: Released }' }],
  },
  { name: 'volume-delete', resource: volume, match: [ours, alive, { key: '.status.phase', operator: 'In', values: ['Released'] }], next: [{ kind: 'delete' }] },
];
