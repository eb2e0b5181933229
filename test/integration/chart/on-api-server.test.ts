import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { waitUntil } from '@grm/controller-runtime/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { type KubernetesManifest, renderChart, type RenderedChart, repositoryFile, temporaryFolder } from '../../support/index.ts';
import { kubectl } from './api-server.ts';
import { type ValueSet, valueSets, valuesOf } from './value-sets.ts';

const run = promisify(execFile);

/** Namespaces are told apart so that tests may share a server. */
const mark = randomBytes(3).toString('hex');
const namespaces = { system: `grm-${mark}`, a: `team-a-${mark}`, b: `team-b-${mark}` };
const prefix = `grm-${mark}`;

async function render(name: ValueSet, ...args: readonly string[]): Promise<RenderedChart> {
  const watched = name === 'namespaced' || name === 'production' ? ['--set', `watch.namespaces={${namespaces.a},${namespaces.b}}`] : [];
  const values = ['--values', valuesOf(name), '--set', `fullnameOverride=${prefix}`];
  return renderChart([...values, ...watched, '--namespace', namespaces.system, ...args]);
}

/** JSON, since kubectl and this project's YAML parser differ about words such as `yes`. */
const manifest = (objects: readonly unknown[]) => objects.map((object) => JSON.stringify(object)).join('\n');
const apply = (stdin: string, ...args: readonly string[]) => kubectl(['apply', '--server-side', '--validate=strict', ...args, '-f', '-'], { stdin });
const namespace = (name: string) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } } });

/** `apps/deployments/scale`: group (empty for core), resource and subresource. */
type Resource = `${string}/${string}`;

/** Whether a user may do something, as the API server itself decides. No namespace: in all of them. */
async function may(user: string, verb: string, where: { readonly resource: Resource; readonly namespace?: string; readonly name?: string }): Promise<boolean> {
  const [group, resource, subresource] = where.resource.split('/');
  const review = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: {
      user,
      groups: ['system:authenticated', ...(user.startsWith('system:serviceaccount:') ? ['system:serviceaccounts', `system:serviceaccounts:${namespaces.system}`] : [])],
      resourceAttributes: { verb, group, resource, subresource, namespace: where.namespace, name: where.name },
    },
  };
  return (await kubectl(['create', '-o', 'jsonpath={.status.allowed}', '-f', '-'], { stdin: manifest([review]) })) === 'true';
}

describe('the chart on a real API server', () => {
  const made: KubernetesManifest[] = [];
  beforeAll(async () => {
    await apply(manifest(Object.values(namespaces).map(namespace)));
    // The pods of the example ask for them.
    await kubectl(['apply', '--server-side', '--filename', repositoryFile('examples/production/priority-classes.yaml')]);
    await kubectl(['apply', '--server-side', '-f', repositoryFile('test/integration/chart/prometheus-operator-crds.yaml')]);
    await kubectl(['wait', '--for=condition=Established', '--timeout=30s', 'crd/servicemonitors.monitoring.coreos.com', 'crd/podmonitors.monitoring.coreos.com', 'crd/prometheusrules.monitoring.coreos.com']);
    const { objects } = await render('namespaced', '--set', 'userRoles.create=true');
    made.push(...objects.filter(({ kind }) => /^ServiceAccount$|Role$|RoleBinding$/u.test(kind)));
    await apply(manifest(made));
  });
  afterAll(async () => {
    if (made.length > 0) await kubectl(['delete', '--ignore-not-found', '--wait=false', '-f', '-'], { stdin: manifest(made) });
    await kubectl(['delete', 'namespace', '--ignore-not-found', '--wait=false', ...Object.values(namespaces)]);
  });

  it.each(valueSets)('has every object accepted, field by field (%s)', async (name) => {
    const { text, objects } = await render(name);
    const answer = await apply(text, '--dry-run=server');
    expect(answer.trim().split('\n')).toHaveLength(objects.length);
  });

  it.each(valueSets)('has every pod admitted where Pod Security is `restricted` (%s)', async (name) => {
    const pods = (await render(name)).objects.flatMap(podOf);
    expect(pods.length).toBeGreaterThan(0);
    await apply(manifest(pods), '--dry-run=server');
    const [pod] = pods;
    await expect(apply(manifest([{ ...pod, spec: { ...pod?.spec, hostNetwork: true } }]), '--dry-run=server')).rejects.toThrow(/violates PodSecurity "restricted/u);
  });

  const operator = `system:serviceaccount:${namespaces.system}:${prefix}-operator`;

  it.each<[string, Resource]>([
    ['patch', 'grm.dev/grmtrainingruns'],
    ['delete', 'grm.dev/grmtrainingruns'],
    ['watch', 'grm.dev/grminferenceservices'],
    ['patch', 'grm.dev/grminferenceservices/status'],
    ['update', 'grm.dev/grmtrainingruns/finalizers'],
    ['create', 'apps/deployments'],
    ['patch', 'batch/jobs'],
    ['watch', '/pods'],
    ['create', '/pods/eviction'],
    ['patch', '/secrets'],
    ['create', 'events.k8s.io/events'],
  ])('lets the operator %s %s in the namespaces that it watches, and in no other', async (verb, resource) => {
    const where = [namespaces.a, namespaces.b, 'default'];
    expect(await Promise.all(where.map((of) => may(operator, verb, { resource, namespace: of })))).toEqual([true, true, false]);
  });

  it.each<[string, Resource]>([
    ['list', '/secrets'],
    ['watch', '/secrets'],
    ['create', '/pods'],
    ['create', '/pods/exec'],
    ['get', '/pods/log'],
    ['create', '/serviceaccounts/token'],
    ['create', 'rbac.authorization.k8s.io/rolebindings'],
    ['delete', 'grm.dev/grminferenceservices'],
    ['create', 'grm.dev/grmtrainingruns'],
    ['deletecollection', 'batch/jobs'],
    ['impersonate', '/serviceaccounts'],
  ])('lets the operator %s %s nowhere', async (verb, resource) => {
    const where = [namespaces.a, namespaces.system, 'kube-system'];
    expect(await Promise.all(where.map((of) => may(operator, verb, { resource, namespace: of })))).toEqual([false, false, false]);
  });

  it.each<Resource>(['/nodes', '/namespaces', '/persistentvolumes', '/pods', 'apiextensions.k8s.io/customresourcedefinitions', 'rbac.authorization.k8s.io/clusterroles'])(
    'lets the operator see no %s of the whole cluster',
    async (resource) => {
      expect(await Promise.all(['get', 'list', 'watch'].map((verb) => may(operator, verb, { resource })))).toEqual([false, false, false]);
    },
  );

  it("lets it hold its own lease, and nobody else's", async () => {
    const lease = { resource: 'coordination.k8s.io/leases', namespace: namespaces.system } as const;
    expect(await may(operator, 'create', lease)).toBe(true);
    expect(await may(operator, 'update', { ...lease, name: 'grm-operator' })).toBe(true);
    expect(await may(operator, 'update', { ...lease, name: 'another' })).toBe(false);
    expect(await may(operator, 'create', { ...lease, namespace: namespaces.a })).toBe(false);
  });

  it("puts runs and services into Kubernetes' own roles for people", async () => {
    for (const role of ['view', 'edit', 'admin']) await kubectl(['create', 'rolebinding', role, '-n', namespaces.a, `--clusterrole=${role}`, `--user=${role}er`]);
    const [run, service] = (['grm.dev/grmtrainingruns', 'grm.dev/grminferenceservices'] as const).map((resource) => ({ resource, namespace: namespaces.a }));
    if (run === undefined || service === undefined) return;
    await waitUntil(() => may('viewer', 'list', run), { what: 'the controller manager to take the rules into `view`' });
    await waitUntil(() => may('editer', 'create', service), { what: 'the controller manager to take the rules into `edit`' });
    await waitUntil(() => may('adminer', 'deletecollection', service), { what: 'the controller manager to take the rules into `admin`' });
    expect(await may('viewer', 'create', run)).toBe(false);
    expect(await may('editer', 'update', { ...service, resource: 'grm.dev/grminferenceservices/scale' })).toBe(true);
    expect(await may('editer', 'patch', { ...run, resource: 'grm.dev/grmtrainingruns/status' })).toBe(false);
  });

  it('can be installed by an admin of its namespaces, who has no rights over the cluster', async () => {
    for (const of of [namespaces.system, namespaces.b]) await kubectl(['create', 'rolebinding', 'ann', '-n', of, '--clusterrole=admin', '--user=ann']);
    const update = { resource: 'grm.dev/grmtrainingruns/finalizers', namespace: namespaces.b } as const;
    await waitUntil(() => may('ann', 'update', update), { what: 'the controller manager to take the rules into `admin`' });
    const { text } = await render('namespaced', '--set', `watch.namespaces={${namespaces.b}}`);
    await apply(text, '--dry-run=server', '--force-conflicts', '--as', 'ann');
    const elsewhere = await render('namespaced', '--set', 'watch.namespaces={kube-system}');
    await expect(apply(elsewhere.text, '--dry-run=server', '--force-conflicts', '--as', 'ann')).rejects.toThrow(/cannot patch resource "roles" in API group .* in the namespace "kube-system"/u);
  });

  it('makes the account of its NATS server once, with the rights of its Job alone', async () => {
    const name = `${prefix}-nats-account`;
    const token = (await kubectl(['create', 'token', name, '-n', namespaces.system])).trim();
    const config = z.looseObject({ users: z.array(z.looseObject({ name: z.string() })), clusters: z.array(z.unknown()) }).parse(parse(await kubectl(['config', 'view', '--raw', '--flatten'])));
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'kubeconfig');
    await writeFile(path, stringify({ ...config, users: config.users.map((user) => ({ name: user.name, user: { token } })) }));
    const makeAccount = async () =>
      (await run(process.execPath, [repositoryFile('operator/dist/nats-account/main.js'), '--namespace', namespaces.system, '--name', name], { env: { ...process.env, KUBECONFIG: path }, timeout: 60_000 })).stdout;
    const secret = async () => kubectl(['get', 'secret', name, '-n', namespaces.system, '-o', 'jsonpath={.data}']);
    expect(await makeAccount()).toMatch(/holds a new NATS account/u);
    const first = await secret();
    expect(Object.keys(z.record(z.string(), z.string()).parse(JSON.parse(first))).toSorted()).toEqual(['account.seed', 'operator.creds', 'resolver.conf']);
    expect(await makeAccount()).toMatch(/is there already/u);
    expect(await secret()).toBe(first);
  });
});

const PodTemplate = z.object({ metadata: z.looseObject({}), spec: z.looseObject({ volumes: z.array(z.looseObject({ name: z.string() })) }) });
const WithTemplate = z.object({
  spec: z.object({ template: PodTemplate, volumeClaimTemplates: z.array(z.object({ metadata: z.object({ name: z.string() }) })).default([]) }),
});

/** The pod of a workload, as its controller would make it. Accounts and classes are other tests' matter. */
function podOf(workload: KubernetesManifest) {
  const parsed = WithTemplate.safeParse(workload);
  if (!parsed.success) return [];
  const { template, volumeClaimTemplates } = parsed.data.spec;
  const { serviceAccountName: _, priorityClassName: __, ...spec } = template.spec;
  const volumes = [...spec.volumes, ...volumeClaimTemplates.map(({ metadata: { name } }) => ({ name, persistentVolumeClaim: { claimName: name } }))];
  return [{ apiVersion: 'v1', kind: 'Pod', metadata: { ...template.metadata, name: `pod-${workload.metadata.name}`, namespace: namespaces.system }, spec: { ...spec, volumes } }];
}
