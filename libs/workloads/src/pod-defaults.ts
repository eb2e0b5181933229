/** A taint that pods put up with (core/v1). */
export interface Toleration {
  readonly key?: string;
  readonly operator?: 'Exists' | 'Equal';
  readonly value?: string;
  readonly effect?: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
  readonly tolerationSeconds?: number;
}

/** Where pods go. */
export interface Placement {
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly Toleration[];
  readonly priorityClassName?: string;
}

/** How nodes with GPUs are found and used on a cluster. */
export interface GpuPool extends Placement {
  /** Label of nodes that says which GPU they have. */
  readonly nodeLabel: string;
  /** What that label says for a product, where it is not its name: manifests say the product, so that they are the same on every cluster. */
  readonly products: Readonly<Record<string, string>>;
  readonly runtimeClassName?: string;
}

/** What a site wants of the pods of runs and services; their manifests say nothing of it. */
export interface PodDefaults extends Placement {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** In place of the placement above, for pods with GPUs. */
  readonly gpuPool: GpuPool;
}

/** A cluster with NVIDIA's device plugin and feature discovery, as they come. */
export const usualPods: PodDefaults = {
  nodeSelector: {},
  tolerations: [],
  labels: {},
  annotations: {},
  gpuPool: { nodeLabel: 'nvidia.com/gpu.product', products: {}, nodeSelector: {}, tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }] },
};
