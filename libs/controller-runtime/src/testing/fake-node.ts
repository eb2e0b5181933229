import type { KubernetesObject } from '../api/kubernetes-object.ts';
import { resourceType } from '../api/resource-type.ts';
import { heartbeatLabel } from './kwok/kwok-configuration.ts';

export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
}

export interface FakeNodesOptions {
  /** Default 1. */
  readonly count?: number;
  /** Whole GPUs of each (`nvidia.com/gpu`). Default none. Nodes with GPUs have the taint `nvidia.com/gpu=present:NoSchedule`, as a GPU pool of a cloud has. */
  readonly gpus?: number;
  /** Value of label `nvidia.com/gpu.product`. Default `NVIDIA-A100-SXM4-80GB`. */
  readonly gpuProduct?: string;
  /** Cores and memory of each. Default 96 and 1360Gi. */
  readonly cpu?: string;
  readonly memory?: string;
  /** Default 110. */
  readonly pods?: number;
  readonly labels?: Readonly<Record<string, string>>;
  /** Besides the one of GPUs. */
  readonly taints?: readonly Taint[];
}

export interface Node extends KubernetesObject {
  readonly spec?: { readonly taints?: readonly Taint[]; readonly unschedulable?: boolean };
  readonly status?: {
    readonly capacity?: Readonly<Record<string, string>>;
    readonly allocatable?: Readonly<Record<string, string>>;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason?: string }[];
  };
}

export const nodes = resourceType<Node>({ apiVersion: 'v1', kind: 'Node', plural: 'nodes', namespaced: false });
export const gpuResource = 'nvidia.com/gpu';

export function fakeNode(name: string, options: FakeNodesOptions): Node {
  const { gpus = 0, gpuProduct = 'NVIDIA-A100-SXM4-80GB', cpu = '96', memory = '1360Gi', pods = 110, labels = {}, taints = [] } = options;
  const capacity = { cpu, memory, pods: String(pods), 'ephemeral-storage': '1Ti', ...(gpus === 0 ? {} : { [gpuResource]: String(gpus) }) };
  const gpuLabels: Readonly<Record<string, string>> = gpus === 0 ? {} : { 'nvidia.com/gpu.product': gpuProduct, 'nvidia.com/gpu.count': String(gpus) };
  const gpuTaints: readonly Taint[] = gpus === 0 ? [] : [{ key: gpuResource, value: 'present', effect: 'NoSchedule' }];
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64', [heartbeatLabel.name]: heartbeatLabel.value, ...gpuLabels, ...labels },
    },
    spec: { taints: [...gpuTaints, ...taints] },
    status: { capacity, allocatable: capacity },
  };
}

export function isReady(node: Node): boolean {
  return node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true;
}
