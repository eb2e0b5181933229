import { expect, it } from 'vitest';
import { type Claim, className, volumeFor } from './volume-for.ts';

const claim: Claim = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'data', namespace: 'team', uid: 'abc' },
  spec: { storageClassName: className, accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
};

it('gives a claim a folder of the node, for that claim alone', () => {
  expect(volumeFor(claim, 'node', '/claims')).toMatchObject({
    metadata: { name: 'claim-abc' },
    spec: { local: { path: '/claims/claim-abc' }, claimRef: { namespace: 'team', name: 'data', uid: 'abc' }, capacity: { storage: '1Gi' }, persistentVolumeReclaimPolicy: 'Delete' },
  });
});

it.each([
  ['of another class', { ...claim, spec: { ...claim.spec, storageClassName: 'fast' } }],
  ['that has a volume', { ...claim, spec: { ...claim.spec, volumeName: 'given' } }],
  ['that is being deleted', { ...claim, metadata: { ...claim.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } }],
])('leaves a claim %s alone', (_, other) => expect(volumeFor(other, 'node', '/claims')).toBeUndefined());
