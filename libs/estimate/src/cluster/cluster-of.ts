import type { TrainingRunSpec } from '@grm/resources';
import { EstimateError } from '../estimate-error.ts';
import type { Cluster } from './device.ts';
import { cpu, findGpu } from './devices.ts';

/** Said in place of, or beyond, what the manifest says. */
export interface ClusterOptions {
  /** `cpu`, a GPU of the table, or a value of `nvidia.com/gpu.product`. */
  readonly device?: string;
  /** GPUs, or threads. */
  readonly count?: number;
  readonly devicesPerNode?: number;
  /** Bytes of a GPU, or of the machine. */
  readonly memory?: number;
  /** Of one thread's fp32 matrix products; for `cpu` only. */
  readonly gigaflops?: number;
}

/** GPUs of a node, where nobody says. */
const STANDARD_NODE = 8;

/**
 * What the run has to itself: `nodePool` and `engine.distributed` where the manifest has them, else the threads of `engine.embedded`.
 * @throws {EstimateError}
 */
export function clusterOf(spec: TrainingRunSpec, options: ClusterOptions = {}): Cluster {
  const name = options.device ?? spec.nodePool?.gpuProduct;
  if (name === undefined && spec.engine.distributed !== undefined) {
    throw new EstimateError('engine.distributed says how many nodes but not of what; add nodePool, or give --device');
  }
  return name === undefined || name === 'cpu' ? threads(spec, options) : gpus(name, spec, options);
}

function threads({ engine }: TrainingRunSpec, { memory, gigaflops, count = engine.embedded.threads }: ClusterOptions): Cluster {
  const device = cpu({ ...(memory === undefined ? {} : { memory }), ...(gigaflops === undefined ? {} : { gigaflops }) });
  return { device, count, devicesPerNode: count };
}

function gpus(name: string, { nodePool, engine }: TrainingRunSpec, options: ClusterOptions): Cluster {
  if (options.gigaflops !== undefined) throw new EstimateError(`--gflops is for --device cpu; the peak of ${name} is in the table`);
  const found = findGpu(name);
  const devicesPerNode = options.devicesPerNode ?? nodePool?.gpusPerNode ?? STANDARD_NODE;
  const declared = engine.distributed === undefined ? (nodePool?.gpusPerNode ?? 1) : engine.distributed.nodes * devicesPerNode;
  return { device: { ...found, memory: options.memory ?? found.memory }, count: options.count ?? declared, devicesPerNode };
}
