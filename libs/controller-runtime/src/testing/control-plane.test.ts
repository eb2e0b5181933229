import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { KubernetesObject } from '../api/kubernetes-object.ts';
import { resourceType } from '../api/resource-type.ts';
import type { ControlPlane } from './control-plane.ts';
import { startControlPlane } from './start-control-plane.ts';
import { waitUntil } from './wait-until.ts';

interface ConfigMap extends KubernetesObject {
  readonly data?: Readonly<Record<string, string>>;
}
const configMaps = resourceType<ConfigMap>({ apiVersion: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true });
const nodes = resourceType({ apiVersion: 'v1', kind: 'Node', plural: 'nodes', namespaced: false });

let plane: ControlPlane;
beforeAll(async () => {
  plane = await startControlPlane();
});
afterAll(() => plane[Symbol.asyncDispose]());

test.each(['SIGTERM', 'SIGKILL'] as const)('an API server that is restarted by %s keeps its data and its address', async (signal) => {
  const namespace = await plane.createNamespace();
  await plane.client.create(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'kept', namespace }, data: { text: 'as it was' } });
  const before = plane.pids.get('kube-apiserver');
  await plane.restart('kube-apiserver', signal);
  expect(plane.pids.get('kube-apiserver')).not.toBe(before);
  expect((await plane.client.get(configMaps, { namespace, name: 'kept' })).data).toEqual({ text: 'as it was' });
});

test('etcd that is killed comes back with its data', async () => {
  const namespace = await plane.createNamespace();
  await waitUntil(() => plane.client.get(configMaps, { namespace, name: 'kube-root-ca.crt' }), { what: 'something in the namespace', withinMs: 60_000 });
  await plane.restart('etcd', 'SIGKILL');
  const maps = await waitUntil(() => plane.client.list(configMaps, { namespace }), { what: 'the API server to find etcd again' });
  expect(maps.map(({ metadata }) => metadata.name)).toEqual(['kube-root-ca.crt']);
});

test('a stopped API server does not answer until it is started', async () => {
  await plane.stop('kube-apiserver');
  await expect(plane.kubectl(['get', 'nodes', '--request-timeout=2s'])).rejects.toThrow(/refused/);
  await plane.start('kube-apiserver');
  await expect(plane.client.list(nodes)).resolves.toEqual([]);
});

test('no server and no file is left of a control plane whose owner is killed', async () => {
  const script = `import('${new URL('../../dist/testing/index.js', import.meta.url).href}').then(async ({ startControlPlane }) => {
    const plane = await startControlPlane();
    console.log(JSON.stringify({ folder: plane.facts.folder, pids: [...plane.pids.values()] }));
    setInterval(() => {}, 1000);
  });`;
  const owner = spawn(process.execPath, ['--eval', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface(owner.stdout), 'line')) as [string];
  const { folder, pids } = JSON.parse(line) as { readonly folder: string; readonly pids: readonly number[] };
  expect(pids).toHaveLength(5);
  expect(pids.every(isAlive)).toBe(true);
  owner.kill('SIGKILL');
  await waitUntil(() => !pids.some(isAlive), { what: 'the servers to end', withinMs: 10_000 });
  // Files are the next start's to remove.
  await (await startControlPlane({ controllers: [], scheduler: false, kwok: false }))[Symbol.asyncDispose]();
  expect(existsSync(folder)).toBe(false);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
