import { expect, test } from 'vitest';
import { controllerReference, isControlledBy } from './owner-reference.ts';

const owner = { apiVersion: 'example.org/v1', kind: 'Thing', metadata: { name: 'owner', namespace: 'n', uid: 'u-1' } };

test('a child is controlled by the owner of its reference, and not by one of the same name that came later', () => {
  const child = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'child', ownerReferences: [controllerReference(owner)] } };
  expect(isControlledBy(child, owner)).toBe(true);
  expect(isControlledBy(child, { ...owner, metadata: { ...owner.metadata, uid: 'u-2' } })).toBe(false);
  expect(isControlledBy({ ...child, metadata: { name: 'child', ownerReferences: [{ ...controllerReference(owner), controller: false }] } }, owner)).toBe(false);
});

test('an owner that was never read from the API server is refused', () => {
  expect(() => controllerReference({ ...owner, metadata: { name: 'owner' } })).toThrow(/no uid yet/);
});
