import type { ErrorCode } from '@grm/protocol';
import { release } from '../../e2e/support/release.ts';
import type { ClusterGround } from '../ground/cluster-ground.ts';
import type { Fault, FaultKind } from './fault.ts';

const drainSeconds = 30;
const taint = 'grm.dev/soak';
/** Whoever waits for a voter, a queue or a sampler may have to wait for its pod. */
const away: readonly ErrorCode[] = ['overloaded', 'deadline-exceeded', 'model-unavailable'];

/** What may befall a service on a cluster, beside what befalls its processes. Each fault ends with the service as it was. */
export function clusterFaults(ground: ClusterGround): FaultKind[] {
  const { cluster } = ground.namespace;
  const settled = async (): Promise<boolean> => (await ground.unsettled()) === undefined;
  const kind = (name: string, about: string, explains: readonly ErrorCode[], strike: (choice: number) => ReturnType<Fault['strike']>): FaultKind => ({
    name,
    about,
    explains,
    prepare: (choice) => ({ strike: () => strike(choice), healed: settled }),
  });
  return [
    kind('kill-leader', 'SIGKILL to the operator that leads', [], () => killLeader(ground)),
    kind('delete-pod', 'kubectl delete of a pod of the service', away, (choice) => deletePod(ground, choice)),
    kind('kill-api-server', 'SIGKILL to the API server', [], async () => {
      await cluster.killServer('kube-apiserver');
      return 'kube-apiserver';
    }),
    kind('drain-node', `kubectl drain of the node for ${drainSeconds} s, and uncordon`, away, async () => {
      try {
        // On the only node it cannot end: who leaves has nowhere to go, and a disruption budget keeps the last one of each component.
        await cluster.kubectl(['drain', cluster.node, '--delete-emptydir-data', '--ignore-daemonsets', `--timeout=${drainSeconds}s`], { timeoutMs: 60_000 }).catch(() => undefined);
      } finally {
        await ground.insist(['uncordon', cluster.node]);
      }
      return cluster.node;
    }),
    kind('taint-node', 'a NoExecute taint on the node until the pods of the service have left', away, async () => {
      const pods = await ground.pods();
      await ground.insist(['taint', 'node', cluster.node, `${taint}=now:NoExecute`, '--overwrite']);
      try {
        await ground.untilGone(pods);
      } finally {
        await ground.insist(['taint', 'node', cluster.node, `${taint}:NoExecute-`]);
      }
      return cluster.node;
    }),
  ];
}

async function killLeader(ground: ClusterGround): Promise<string | undefined> {
  const { cluster } = ground.namespace;
  const leader = await cluster.kubectl(['-n', release.namespace, 'get', 'lease', '-o', 'jsonpath={.items[0].spec.holderIdentity}']);
  const operators = await ground.operators();
  const member = operators.find(({ name }) => leader.startsWith(name.split('/').at(-1) ?? name));
  if (member === undefined) return undefined;
  await ground.signal(member, 'SIGKILL');
  return member.name;
}

async function deletePod(ground: ClusterGround, choice: number): Promise<string | undefined> {
  const pods = await ground.pods();
  const pod = pods[choice % Math.max(1, pods.length)];
  if (pod === undefined) return undefined;
  const [namespace = '', name = ''] = pod.name.split('/');
  await ground.insist(['-n', namespace, 'delete', 'pod', name, '--wait=false', '--ignore-not-found']);
  return pod.name;
}
