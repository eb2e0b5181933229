import { type KubernetesObject, type ResourceType, resourceType } from '@grm/controller-runtime';
import { type PlaneAccess, sharedControlPlane, waitUntil } from '@grm/controller-runtime/testing';
import { childIsCurrent, stamped } from '@grm/workloads';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { arbitrarySpec, chartCrds, plannedCases, planOf } from '../support/index.ts';

let plane: PlaneAccess;
let namespace = '';
beforeAll(async () => {
  plane = await sharedControlPlane();
  namespace = await plane.createNamespace('planned', { 'pod-security.kubernetes.io/enforce': 'restricted' });
});
afterAll(async () => {
  await plane.kubectl(['delete', 'namespace', namespace, '--wait=false']);
  await plane[Symbol.asyncDispose]();
});

type Planned = ReturnType<typeof planOf>[number];

const plurals: Readonly<Record<Planned['kind'], string>> = {
  ConfigMap: 'configmaps',
  Deployment: 'deployments',
  Job: 'jobs',
  NetworkPolicy: 'networkpolicies',
  PersistentVolumeClaim: 'persistentvolumeclaims',
  PodDisruptionBudget: 'poddisruptionbudgets',
  Service: 'services',
  ServiceAccount: 'serviceaccounts',
};

/** A planned object as the client of the API server takes it: the same fields, read as any object's. */
type Live = KubernetesObject & { readonly spec?: object; readonly status?: { readonly observedGeneration?: number } };
const live = (object: Planned): Live => object;
const typeOf = ({ apiVersion, kind }: Planned): ResourceType<Live> => resourceType<Live>({ apiVersion, kind, plural: plurals[kind], namespaced: true });
const pods = resourceType({ apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true });
const dryRun = { dryRun: true };

/** A pod as the controller of its object would make it. */
function podsOf(object: Planned) {
  if (object.kind !== 'Deployment' && object.kind !== 'Job') return [];
  const { metadata, spec } = object.spec.template;
  return [{ apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, name: object.metadata.name, namespace }, spec }];
}

/** Claims that a pod mounts. */
const claimsOf = (object: Planned): string[] =>
  object.kind === 'Deployment' || object.kind === 'Job' ? object.spec.template.spec.volumes.flatMap((volume) => ('persistentVolumeClaim' in volume ? [volume.persistentVolumeClaim.claimName] : [])) : [];

describe.each(plannedCases)('the plan of $name', ({ plan }) => {
  it('is accepted object by object, with nothing in it that the API server does not know', async () => {
    const objects = plan(namespace);
    for (const object of objects) await plane.client.apply(typeOf(object), live(object), dryRun);
    expect(objects.length).toBeGreaterThan(3);
    expect(new Set(objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).size).toBe(objects.length);
  });

  it('has pods that Pod Security lets in where it is `restricted`', async () => {
    const objects = plan(namespace);
    for (const object of objects) if (object.kind === 'ServiceAccount') await plane.client.apply(typeOf(object), live(object));
    const made = objects.flatMap(podsOf);
    expect(made.length).toBeGreaterThan(0);
    for (const pod of made) {
      await plane.client.apply(pods, pod, dryRun);
      await expect(plane.client.apply(pods, { ...pod, spec: { ...pod.spec, hostNetwork: true } } as KubernetesObject, dryRun)).rejects.toThrow(/violates PodSecurity "restricted/u);
    }
  });

  it('is there, once it is applied, and asks for no second write', async () => {
    const objects = plan(namespace).map((object) => stamped(object, 'inputs', '1'));
    for (const object of objects) await plane.client.apply(typeOf(object), live(object), { force: true });
    for (const object of objects) {
      const key = { namespace, name: object.metadata.name };
      const seen = await waitUntil(
        async () => {
          const found = await plane.client.get(typeOf(object), key);
          return object.kind !== 'Deployment' || found.status?.observedGeneration !== undefined ? found : undefined;
        },
        { what: `${object.kind} ${key.name} to be seen by its controller` },
      );
      expect(childIsCurrent(seen, object), `${object.kind} ${key.name}`).toBe(true);
      expect((await plane.client.apply(typeOf(object), live(object), { ...dryRun, force: true })).metadata.generation).toBe(seen.metadata.generation);
    }
  });
});

it.each(plannedCases.filter(({ name }) => name.startsWith('a run')))('the claim that is planned for $name is the one that its trainer mounts', ({ plan }) => {
  const objects = plan(namespace);
  const [claim, ...others] = objects.flatMap(({ kind, metadata }) => (kind === 'PersistentVolumeClaim' ? [metadata.name] : []));
  expect(others).toEqual([]);
  expect(objects.flatMap(claimsOf)).toContain(claim);
});

it.each(chartCrds)('whatever a $kind says that is accepted, its objects are accepted too', async ({ kind }) => {
  const plans = arbitrarySpec(kind).map((spec) => ({ spec, objects: planOf({ kind, namespace, name: 'any' }, spec, 'everything') })).filter(({ objects }) => objects.length > 0);
  const isAccepted = fc.asyncProperty(plans, async ({ objects }) => {
    const answers = await Promise.allSettled(objects.map((object) => plane.client.apply(typeOf(object), live(object), dryRun)));
    expect(answers.flatMap((answer) => (answer.status === 'rejected' ? [String(answer.reason)] : []))).toEqual([]);
  });
  await fc.assert(isAccepted, { numRuns: 50 });
});
