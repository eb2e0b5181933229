import { countParameters } from '../architecture/count-parameters.ts';
import type { Assumptions } from '../assumptions/assumptions.ts';
import type { Cluster } from '../cluster/device.ts';
import type { ForwardPhase } from '../phases/phase.ts';
import { layerActivations } from './layer-activations.ts';
import { joinMemory, type MemoryUse } from './memory-use.ts';
import { residentMemory } from './resident-memory.ts';
import { PROGRAM_BYTES } from './training-memory.ts';

/** Forward only: weights cut as in training, one layer's activations at a time. */
export function forwardMemory(phase: ForwardPhase, cluster: Cluster, { longestRow }: Assumptions): MemoryUse {
  const { model, resident } = phase;
  const { device, count } = cluster;
  const { total, largestPart } = countParameters(model);
  const [bytes, logitBytes, weightBytes] = device.kind === 'gpu' ? [2, 2 + 4, 2] : [4, 2 * 4, 8];
  const shards = device.kind === 'gpu' ? count : 1;
  return joinMemory(residentMemory(phase, cluster), {
    // The reference model, where it reads, is counted as such.
    weights: resident.includes('reference') ? 0 : (weightBytes * total) / shards,
    gathered: shards === 1 ? 0 : 2 * 2 * largestPart,
    activations: bytes * longestRow * Math.max(...model.layers.map((layer) => layerActivations(layer, model.hiddenSize))),
    logits: model.head === 'language' ? logitBytes * longestRow * model.vocabularySize : 0,
    program: device.kind === 'cpu' ? PROGRAM_BYTES : 0,
  });
}
