import type { PlaneFacts } from '@grm/controller-runtime/testing';

/** All that another process must know to use a cluster: plain JSON, in `cluster.json` of the cluster's folder. */
export interface ClusterFacts {
  readonly name: string;
  readonly plane: PlaneFacts;
  /** Name of the one real node. */
  readonly node: string;
  /** The node's IP address, reachable from the network that the cluster was started in. */
  readonly address: string;
  /** The address of that network's end of the link. */
  readonly outside: string;
  /** Process id of the node's first process, as the starter sees it. */
  readonly pid: number;
  /** Unix socket of the node's supervisor. */
  readonly control: string;
}

/** Everything that runs on the node outside of pods. */
export const nodeServers = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kwok', 'containerd', 'kubelet', 'kube-proxy', 'kube-router', 'coredns', 'claims'] as const;
export type NodeServer = (typeof nodeServers)[number];
