import { type KubernetesObject, type ResourceType, resourceType } from '@grm/controller-runtime';
import { claims } from '../kubernetes/live-claim.ts';
import { deployments } from '../kubernetes/live-deployment.ts';
import { jobs } from '../kubernetes/live-job.ts';

const plain = (apiVersion: string, kind: string, plural: string) => resourceType<KubernetesObject>({ apiVersion, kind, plural, namespaced: true });

export const configMaps = plain('v1', 'ConfigMap', 'configmaps');
export const services = plain('v1', 'Service', 'services');
export const serviceAccounts = plain('v1', 'ServiceAccount', 'serviceaccounts');
export const secrets = plain('v1', 'Secret', 'secrets');
export const networkPolicies = plain('networking.k8s.io/v1', 'NetworkPolicy', 'networkpolicies');
export const disruptionBudgets = plain('policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets');

const known = new Map<string, ResourceType>(
  [configMaps, services, serviceAccounts, secrets, networkPolicies, disruptionBudgets, claims, deployments, jobs].map((type) => [`${type.apiVersion} ${type.kind}`, type as ResourceType]),
);

/** Where objects like this one are served. @throws Error: the operator makes none of its kind */
export function childTypeOf({ apiVersion, kind }: KubernetesObject): ResourceType {
  const type = known.get(`${apiVersion} ${kind}`);
  if (type === undefined) throw new Error(`the operator makes no ${kind} of ${apiVersion}; add it to the kinds of children`);
  return type;
}
