import type { Cluster } from '../../cluster/index.ts';
import { repositoryFile } from '../../support/repository-file.ts';

/** The release that most tests share: the whole cluster's operator and the chart's own NATS server. */
export const release = { name: 'grm', namespace: 'grm-system', natsPort: 30_422 } as const;

export const chart = repositoryFile('charts/grm');

/** Refuses whatever is not `restricted`, as a careful cluster does. */
export const restricted = { 'pod-security.kubernetes.io/enforce': 'restricted', 'pod-security.kubernetes.io/enforce-version': 'latest' } as const;

/** What differs from the chart's defaults, as options of helm: a node with two cores, and teams outside of the cluster, who are no pods. */
export function values(natsPort: number, more: readonly string[] = []): string[] {
  return [
    ...['nats.server.service.type=NodePort', `nats.server.service.nodePort=${natsPort}`, 'nats.server.storage.size=2Gi', 'nats.server.storage.limit=1Gi', 'operator.resources.requests.cpu=50m', ...more].flatMap((value) => ['--set', value]),
    '--set-json',
    'networkPolicy.natsFrom=[{"namespaceSelector":{}},{"ipBlock":{"cidr":"10.99.0.0/16"}}]',
  ];
}

/** Installs the chart, or brings the release that is there up to date, and waits until its pods are ready. */
export async function installChart(cluster: Cluster): Promise<void> {
  const labels = Object.entries(restricted).map(([name, value]) => `${name}=${value}`);
  await cluster.kubectl(['create', 'namespace', release.namespace]).catch((error: unknown) => {
    if (!String(error).includes('AlreadyExists')) throw error;
  });
  await cluster.kubectl(['label', '--overwrite', 'namespace', release.namespace, ...labels]);
  await cluster.kubectl(['apply', '--server-side', '--force-conflicts', '-f', `${chart}/crds`]);
  await cluster.helm(['upgrade', '--install', release.name, chart, '--namespace', release.namespace, '--wait', '--timeout', '3m', ...values(release.natsPort)], { timeoutMs: 200_000 });
}

/** Waits until kubectl's own `rollout status` says that a workload is as it should be. */
export async function rolledOut(cluster: Cluster, namespace: string, workload: string): Promise<void> {
  await cluster.kubectl(['--namespace', namespace, 'rollout', 'status', workload, '--timeout=120s'], { timeoutMs: 130_000 });
}
