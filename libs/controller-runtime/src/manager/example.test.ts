import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isTrue } from '../objects/conditions.ts';
import type { KubernetesObject } from '../api/kubernetes-object.ts';
import { resourceType } from '../api/resource-type.ts';
import { sharedControlPlane } from '../testing/shared-control-plane.ts';
import { waitUntil } from '../testing/wait-until.ts';

interface Greeting extends KubernetesObject {
  readonly spec: { readonly text: string };
  readonly status?: { readonly conditions?: [] };
}
interface ConfigMap extends KubernetesObject {
  readonly data?: Readonly<Record<string, string>>;
}
const greetings = resourceType<Greeting>({ apiVersion: 'example.org/v1', kind: 'Greeting', plural: 'greetings', namespaced: true });
const configMaps = resourceType<ConfigMap>({ apiVersion: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true });
const definitions = resourceType<KubernetesObject & { readonly spec: unknown }>({ apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', plural: 'customresourcedefinitions', namespaced: false });
const anything = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

test("the README's operator writes what a resource says, mends it, and ends when it is told to", async () => {
  await using plane = await sharedControlPlane();
  const { client } = plane;
  const namespace = await plane.createNamespace('greeter');
  const version = { name: 'v1', served: true, storage: true, subresources: { status: {} }, schema: { openAPIV3Schema: { type: 'object', properties: { spec: anything, status: anything } } } };
  await client.apply(definitions, { apiVersion: definitions.apiVersion, kind: definitions.kind, metadata: { name: 'greetings.example.org' }, spec: { group: 'example.org', scope: 'Namespaced', names: { kind: 'Greeting', plural: 'greetings' }, versions: [version] } } as KubernetesObject);
  await waitUntil(() => client.list(greetings), { what: 'greetings to be served' });
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
  const [, printed = ''] = /```ts\n([^]*?)```/.exec(readme) ?? [];
  // In the package's own folder, so that its imports are found; only names that two runs would fight over are changed.
  const folder = await mkdtemp(new URL('../../dist/example-', import.meta.url).pathname);
  const file = join(folder, 'operator.ts');
  await writeFile(file, printed.replace("namespace: 'greeter'", `namespace: '${namespace}'`).replace('port: 8080', 'port: 0'));
  const operator = spawn(process.execPath, [file], { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, KUBECONFIG: plane.kubeconfigPath } });
  try {
    const key = { namespace, name: 'hello' };
    await client.create(greetings, { apiVersion: greetings.apiVersion, kind: greetings.kind, metadata: key, spec: { text: 'good morning' } });
    const text = async () => (await client.get(configMaps, key)).data?.['text'];
    await waitUntil(async () => (await text()) === 'good morning', { what: 'the ConfigMap' });
    await waitUntil(async () => isTrue((await client.get(greetings, key)).status?.conditions, 'Ready'), { what: 'the condition' });
    await client.delete(configMaps, key);
    await waitUntil(async () => (await text()) === 'good morning', { what: 'the ConfigMap to be made again' });
    await client.patch(configMaps, key, { data: { text: 'tampered' } }, { type: 'merge' });
    await waitUntil(async () => (await text()) === 'good morning', { what: 'the ConfigMap to be mended' });
    operator.kill('SIGTERM');
    expect(await once(operator, 'exit', { signal: AbortSignal.timeout(20_000) })).toEqual([0, null]);
  } finally {
    operator.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  }
});
