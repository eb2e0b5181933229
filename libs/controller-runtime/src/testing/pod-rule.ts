import { randomBytes } from 'node:crypto';
import type { ApiClient } from '../api/api-client.ts';
import { type KubernetesObject, keyOf } from '../api/kubernetes-object.ts';
import { resourceType } from '../api/resource-type.ts';
import { podAnnotations } from './kwok/pod-annotations.ts';
import { annotationsOf, type PodBehaviour } from './pod-behaviour.ts';
import { waitUntil } from './wait-until.ts';

interface WithSpec extends KubernetesObject {
  readonly spec: unknown;
}

const group = 'admissionregistration.k8s.io/v1beta1';
const policies = resourceType<WithSpec>({ apiVersion: group, kind: 'MutatingAdmissionPolicy', plural: 'mutatingadmissionpolicies', namespaced: false });
const bindings = resourceType<WithSpec>({ apiVersion: group, kind: 'MutatingAdmissionPolicyBinding', plural: 'mutatingadmissionpolicybindings', namespaced: false });
export const pods = resourceType<WithSpec>({ apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true });

export interface PodSelection {
  readonly namespace: string;
  /** Labels that a pod must have; none selects all of the namespace. */
  readonly labels?: Readonly<Record<string, string>>;
}

/**
 * Makes pods that are created from now on behave so, whoever creates them: the API server writes the annotations. Until it is disposed of.
 * Pods that are there already keep to what they do.
 */
export async function podRule(client: ApiClient, { namespace, labels = {} }: PodSelection, behaviour: PodBehaviour): Promise<AsyncDisposable> {
  const name = `fake-pods-${randomBytes(4).toString('hex')}`;
  const mark = `fake.pod/rule-${name}`;
  const written = Object.fromEntries(Object.entries({ ...annotationsOf(behaviour), [mark]: 'true' }).filter((entry): entry is [string, string] => entry[1] !== null));
  const policy: WithSpec = {
    apiVersion: group,
    kind: 'MutatingAdmissionPolicy',
    metadata: { name },
    spec: {
      failurePolicy: 'Fail',
      reinvocationPolicy: 'Never',
      matchConstraints: {
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
        objectSelector: { matchLabels: labels },
        resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
      },
      // JSON's strings and maps are CEL's.
      mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression: `Object{metadata: Object.metadata{annotations: ${JSON.stringify(written)}}}` } }],
    },
  };
  const binding: WithSpec = { apiVersion: group, kind: 'MutatingAdmissionPolicyBinding', metadata: { name }, spec: { policyName: name } };
  await client.create(policies, policy);
  await client.create(bindings, binding);
  // The server takes up to a second or so to follow.
  const inForce = async (): Promise<boolean> => (await client.apply(pods, probe(namespace, labels), { dryRun: true })).metadata.annotations?.[mark] === 'true';
  await waitUntil(inForce, { what: `the rule for pods of ${namespace} to be in force`, withinMs: 30_000 });
  return {
    [Symbol.asyncDispose]: async () => {
      await client.delete(bindings, keyOf(binding));
      await client.delete(policies, keyOf(policy));
      await waitUntil(async () => !(await inForce()), { what: `the rule for pods of ${namespace} to end`, withinMs: 30_000 });
    },
  };
}

/** Makes one pod that is there behave so. */
export async function setPodBehaviour(client: ApiClient, pod: { readonly namespace: string; readonly name: string }, behaviour: PodBehaviour): Promise<void> {
  await client.patch(pods, pod, { metadata: { annotations: annotationsOf(behaviour) } }, { type: 'merge' });
}

/** A pod that every admission lets pass, for a dry run. */
function probe(namespace: string, labels: Readonly<Record<string, string>>): WithSpec {
  const securityContext = { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } };
  const container = { name: 'probe', image: 'probe', resources: { requests: { cpu: '1m', memory: '1Mi' }, limits: { cpu: '1m', memory: '1Mi' } }, securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } } };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: `probe-${randomBytes(4).toString('hex')}`, namespace, labels, annotations: { [podAnnotations.behaviour]: 'by-hand' } }, spec: { securityContext, containers: [container] } };
}
