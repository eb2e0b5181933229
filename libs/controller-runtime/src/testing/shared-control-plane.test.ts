import { expect, test } from 'vitest';
import { sharedControlPlane } from './shared-control-plane.ts';

test('whoever asks gets the same control plane, and a namespace of its own', async () => {
  await using first = await sharedControlPlane();
  await using second = await sharedControlPlane();
  expect(second.facts.server).toBe(first.facts.server);
  const namespace = await first.createNamespace();
  expect(await second.kubectl(['get', 'serviceaccounts', '--namespace', namespace, '--output', 'name'])).toBe('serviceaccount/default\n');
});
