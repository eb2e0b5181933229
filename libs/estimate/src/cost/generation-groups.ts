import { countParameters } from '../architecture/count-parameters.ts';
import type { Assumptions } from '../assumptions/assumptions.ts';
import type { Cluster } from '../cluster/device.ts';
import type { GeneratePhase } from '../phases/phase.ts';

/** How copies of a model are laid over devices to draw judgements. */
export interface GenerationGroups {
  /** Copies of the model, each drawing on its own. */
  readonly groups: number;
  /** GPUs over which one copy is cut (tensor parallelism); threads that work on one copy. */
  readonly devicesPerGroup: number;
  /** Bytes of weights in one memory: a GPU's, or the machine's with all its copies. */
  readonly weightBytes: number;
  /** Bytes a second at which one copy's weights can be read: the sum over its GPUs, or its part of the machine's. */
  readonly bandwidth: number;
}

/** Bytes of a weight on a GPU (bf16), and on a CPU (fp32 and, beside it, laid out for matrix products). */
const WEIGHT_BYTES = { gpu: 2, cpu: 8 } as const;

/**
 * On GPUs a group is a node, twice as many where a copy would take more than half of what may be used of a device, and so on. On a CPU
 * every thread has a copy, as the trainer opens them; sampler processes have one each.
 */
export function generationGroups({ model, samplers }: GeneratePhase, cluster: Cluster, { usableMemory }: Assumptions): GenerationGroups {
  const { device, count, devicesPerNode } = cluster;
  const bytes = WEIGHT_BYTES[device.kind] * countParameters(model).total;
  if (device.kind === 'cpu') {
    const [groups, devicesPerGroup] = samplers === undefined ? [count, 1] : [samplers.replicas, samplers.threads];
    return { groups, devicesPerGroup, weightBytes: bytes * groups, bandwidth: device.bandwidth / groups };
  }
  let size = powerOfTwo(Math.min(devicesPerNode, count));
  while (bytes / size > (device.memory * usableMemory) / 2 && 2 * size <= count) size *= 2;
  return { groups: Math.floor(count / size), devicesPerGroup: size, weightBytes: bytes / size, bandwidth: device.bandwidth * size };
}

/** The largest power of two that is not above a number: heads are cut evenly by it. */
const powerOfTwo = (most: number): number => 2 ** Math.floor(Math.log2(most));
