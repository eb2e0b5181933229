import type { GRMInferenceService, GRMResource } from '@grm/resources';
import { type Component, metadataOf, selectorOf } from './component.ts';
import type { KubernetesObject, NetworkPolicy, NetworkPort, PodDisruptionBudget, Service, ServiceAccount } from './kubernetes-objects.ts';
import type { Site } from './site.ts';

const HTTP_PORT = 8080;

/** An identity of its own without any right: nothing here talks to the API server. */
export function serviceAccount(resource: GRMResource, component: Component): ServiceAccount {
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: metadataOf(resource, component), automountServiceAccountToken: false };
}

/** For health and metrics; each pod is an address of its own. */
export function metricsService(resource: GRMResource, component: Component): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadataOf(resource, component),
    spec: { clusterIP: 'None', selector: selectorOf(resource, component), ports: [{ name: 'http', port: HTTP_PORT, targetPort: 'http' }] },
  };
}

/** A drain of nodes takes one pod after the other. */
export function disruptionBudget(resource: GRMResource, component: Component): PodDisruptionBudget {
  return { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: metadataOf(resource, component), spec: { maxUnavailable: 1, selector: { matchLabels: selectorOf(resource, component) } } };
}

/** All pods of a resource: to them only health and metrics, from them only names, NATS, telemetry and the servers of engines. */
export function networkPolicy(resource: GRMResource, component: Component, site: Site): NetworkPolicy {
  const { name, namespace, labels } = metadataOf(resource, component);
  const { 'app.kubernetes.io/name': app = '', 'app.kubernetes.io/instance': instance = '', 'app.kubernetes.io/part-of': partOf = '' } = labels;
  const matchLabels = { 'app.kubernetes.io/name': app, 'app.kubernetes.io/instance': instance, 'app.kubernetes.io/part-of': partOf };
  const dns: NetworkPort[] = [
    { protocol: 'UDP', port: 53 },
    { protocol: 'TCP', port: 53 },
  ];
  const outward = [...portsOf(site.natsUrl, 4222), ...(site.telemetryEndpoint === undefined ? [] : portsOf(site.telemetryEndpoint, 4318)), ...(resource.kind === 'GRMInferenceService' ? enginePorts(resource) : [])];
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace, labels },
    spec: { podSelector: { matchLabels }, policyTypes: ['Ingress', 'Egress'], ingress: [{ ports: [{ protocol: 'TCP', port: HTTP_PORT }] }], egress: [{ ports: dns }, { ports: once(outward) }] },
  };
}

/** Ports to servers elsewhere, and to where a server in the pod fetches a model that only it knows. */
function enginePorts({ spec }: GRMInferenceService): NetworkPort[] {
  const workers = [{ engine: spec.sampler.engine, source: spec.model }, ...(spec.metaRM === undefined ? [] : [{ engine: spec.metaRM.engine, source: spec.metaRM.model ?? spec.model }])];
  return workers.flatMap(({ engine, source }) => {
    if (!('openAI' in engine)) return [];
    if ('url' in engine.openAI) return portsOf(engine.openAI.url, 80);
    return 'served' in source ? portsOf('https://hub', 443) : [];
  });
}

function once(ports: readonly NetworkPort[]): NetworkPort[] {
  return ports.filter(({ port }, index) => ports.findIndex((other) => other.port === port) === index);
}

/** Ports of a list of addresses, each once. */
function portsOf(addresses: string, usual: number): NetworkPort[] {
  const ports = addresses.split(',').map((address) => {
    const text = address.trim();
    const url = URL.parse(text.includes('://') ? text : `nats://${text}`);
    return url === null || url.port === '' ? (url?.protocol === 'https:' ? 443 : usual) : Number(url.port);
  });
  return [...new Set(ports)].map((port) => ({ protocol: 'TCP', port }));
}

/** What stands around one component of a service. */
export function surroundings(resource: GRMResource, component: Component): KubernetesObject[] {
  return [serviceAccount(resource, component), metricsService(resource, component), disruptionBudget(resource, component)];
}
