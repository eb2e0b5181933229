import { condition, type ConditionOf } from './run-condition.ts';

export const storageReady: ConditionOf = ({ facts: { claim } }) => {
  if (claim === undefined) return undefined;
  const { name } = claim.metadata;
  switch (claim.status?.phase) {
    case 'Bound':
      return condition('StorageReady', 'True', 'Bound', `claim ${name} has a volume`);
    case 'Lost':
      return condition('StorageReady', 'False', 'ClaimLost', `the volume of claim ${name} is gone`);
    case 'Pending':
    case undefined:
      return condition('StorageReady', 'Unknown', 'ClaimPending', `claim ${name} has no volume yet; many storage classes make one when the first pod needs it`);
  }
};
