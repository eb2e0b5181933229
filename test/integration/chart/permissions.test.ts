import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type KubernetesManifest, renderChart, repositoryFile } from '../../support/index.ts';

const cases = ['default', 'namespaced', 'external-nats', 'everything'];
const render = async (name: string) => (await renderChart(['--values', repositoryFile(`test/integration/chart/values/${name}.yaml`)])).objects;

const Rules = z.array(z.object({ apiGroups: z.array(z.string()), resources: z.array(z.string()), verbs: z.array(z.string()), resourceNames: z.array(z.string()).optional() }));

interface Permission {
  readonly resource: string;
  readonly verb: string;
}

/** One entry a group, resource and verb: `apps/deployments` `get`. */
function permissionsOf(role: KubernetesManifest): Permission[] {
  return Rules.parse(role['rules']).flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) => resources.flatMap((resource) => verbs.map((verb) => ({ resource: group === '' ? resource : `${group}/${resource}`, verb })))),
  );
}

const rolesNamed = (objects: readonly KubernetesManifest[], name: string) => objects.filter(({ kind, metadata }) => /Role$/u.test(kind) && metadata.name === name);

describe('permissions of the chart', () => {
  it.each(cases)('hold no wildcard (%s)', async (name) => {
    const permissions = (await render(name)).filter(({ kind }) => kind.endsWith('Role')).flatMap(permissionsOf);
    expect(permissions.length).toBeGreaterThan(40);
    expect(permissions.filter(({ resource, verb }) => `${resource}${verb}`.includes('*'))).toEqual([]);
  });

  it.each(cases)('never let the operator touch nodes, roles or CRDs, escalate, or list Secrets (%s)', async (name) => {
    const permissions = rolesNamed(await render(name), 'grm-operator').flatMap(permissionsOf);
    expect(permissions.filter(({ resource }) => /nodes|namespaces|rbac|customresourcedefinitions|tokens?$|exec|impersonat/u.test(resource))).toEqual([]);
    expect(permissions.filter(({ verb }) => ['bind', 'escalate', 'impersonate', 'deletecollection', 'update'].includes(verb))).toEqual([
      { resource: 'grm.dev/grmtrainingruns/finalizers', verb: 'update' },
      { resource: 'grm.dev/grminferenceservices/finalizers', verb: 'update' },
      ...(name === 'namespaced' ? [{ resource: 'grm.dev/grmtrainingruns/finalizers', verb: 'update' }, { resource: 'grm.dev/grminferenceservices/finalizers', verb: 'update' }] : []),
    ]);
    expect(permissions.filter(({ resource, verb }) => resource === 'secrets' && ['list', 'watch', 'deletecollection'].includes(verb))).toEqual([]);
  });

  it('hold nothing about Secrets where the operator issues no users', async () => {
    const args = ['--set', 'nats.server.enabled=false,nats.url=nats://nats:4222,nats.issueCredentials=false'];
    const permissions = rolesNamed((await renderChart(args)).objects, 'grm-operator').flatMap(permissionsOf);
    expect(permissions.filter(({ resource }) => resource.startsWith('secrets'))).toEqual([]);
  });

  it('are the same in the whole cluster and in each namespace that is named', async () => {
    const [cluster] = rolesNamed(await render('default'), 'grm-operator');
    const named = rolesNamed(await render('namespaced'), 'grm-operator');
    expect(cluster?.kind).toBe('ClusterRole');
    expect(named.map(({ kind, metadata }) => `${kind} ${metadata.namespace}`)).toEqual(['Role team-a', 'Role team-b']);
    for (const role of named) expect(role['rules']).toEqual(cluster?.['rules']);
  });

  it('need nothing that belongs to the whole cluster when namespaces are named', async () => {
    expect((await render('namespaced')).filter(({ metadata }) => metadata.namespace === undefined)).toEqual([]);
  });

  it('are bound to the ServiceAccount of the operator and nobody else', async () => {
    for (const name of cases) {
      const objects = await render(name);
      const account = name === 'everything' ? 'judge-operator' : 'grm-operator';
      expect(objects.some(({ kind, metadata }) => kind === 'ServiceAccount' && metadata.name === account)).toBe(true);
      const bindings = objects.filter(({ kind, metadata }) => kind.endsWith('Binding') && metadata.name.startsWith('grm-operator'));
      expect(bindings.length).toBeGreaterThan(1);
      for (const binding of bindings) expect(binding['subjects']).toEqual([{ kind: 'ServiceAccount', name: account, namespace: 'grm-system' }]);
    }
  });
});
