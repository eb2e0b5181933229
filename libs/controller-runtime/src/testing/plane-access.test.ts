import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApiClient } from '../api/api-client.ts';
import { isForbidden } from '../api/api-error.ts';
import { resourceType } from '../api/resource-type.ts';
import type { PlaneAccess } from './plane-access.ts';
import { ToolFailedError } from './run-tool.ts';
import { sharedControlPlane } from './shared-control-plane.ts';
import { waitUntil } from './wait-until.ts';

const configMaps = resourceType({ apiVersion: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true });
const nodes = resourceType({ apiVersion: 'v1', kind: 'Node', plural: 'nodes', namespaced: false });

let plane: PlaneAccess;
beforeAll(async () => {
  plane = await sharedControlPlane();
});
afterAll(() => plane[Symbol.asyncDispose]());

test('whoever asks gets the same control plane', async () => {
  await using second = await sharedControlPlane();
  expect(second.facts.server).toBe(plane.facts.server);
});

test('a user may do what RBAC allows it and no more', async () => {
  const namespace = await plane.createNamespace();
  await using client = new ApiClient({ kubeConfig: plane.kubeconfigFor({ user: 'jane', groups: ['readers'] }), fieldManager: 'jane' });
  await expect(client.list(configMaps, { namespace })).rejects.toSatisfy(isForbidden);
  await plane.kubectl(['create', 'rolebinding', 'readers', '--clusterrole=view', '--group=readers', '--namespace', namespace]);
  await waitUntil(() => client.list(configMaps, { namespace }), { what: 'the role binding to count' });
  await expect(client.list(nodes)).rejects.toSatisfy(isForbidden);
});

test('a ServiceAccount is known by its token', async () => {
  const namespace = await plane.createNamespace();
  const config = await plane.kubeconfigForServiceAccount({ namespace, name: 'default' });
  await using client = new ApiClient({ kubeConfig: config, fieldManager: 'pod' });
  await expect(client.list(configMaps, { namespace })).rejects.toThrow(`system:serviceaccount:${namespace}:default`);
});

test('a namespace that demands restricted pods refuses a privileged one', async () => {
  const namespace = await plane.createNamespace('restricted', { 'pod-security.kubernetes.io/enforce': 'restricted' });
  await expect(plane.kubectl(['run', 'root', '--image=any', '--privileged', '--namespace', namespace])).rejects.toThrow(/violates PodSecurity/);
});

test('helm installs a release and removes it', async () => {
  const namespace = await plane.createNamespace();
  const chart = join(plane.facts.folder, `chart-${namespace}`);
  await plane.helm(['create', chart]);
  await plane.helm(['install', 'release', chart, '--namespace', namespace]);
  expect(await plane.kubectl(['get', 'deployment', '--namespace', namespace, '--output', 'name'])).toBe(`deployment.apps/release-chart-${namespace}\n`);
  await plane.helm(['uninstall', 'release', '--namespace', namespace]);
});

test('kubectl that takes too long is ended', async () => {
  const waiting = plane.kubectl(['get', 'nodes', '--watch'], { timeoutMs: 500 });
  await expect(waiting).rejects.toThrow(ToolFailedError);
  await expect(waiting).rejects.toThrow(/took too long/);
});
