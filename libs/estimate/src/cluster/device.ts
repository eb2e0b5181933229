/** One accelerator, or one thread of a processor. Decimal units, as data sheets have them. */
export interface Device {
  readonly name: string;
  readonly kind: 'gpu' | 'cpu';
  /** Peak of dense matrix products, FLOP/s: bf16 on a GPU; fp32 of one thread on a CPU. */
  readonly flops: number;
  /** Bytes: of the GPU; of the whole machine for a CPU. */
  readonly memory: number;
  /** Bytes a second: of the GPU; of the whole machine for a CPU. */
  readonly bandwidth: number;
  /** Values of the node label `nvidia.com/gpu.product` that mean this device. */
  readonly products: readonly string[];
}

/** What a run has to itself. */
export interface Cluster {
  readonly device: Device;
  /** GPUs, or threads of one machine. */
  readonly count: number;
  /** GPUs that are joined fast enough for tensor parallelism. */
  readonly devicesPerNode: number;
}
