import { type Architecture, sumOverLayers } from '../architecture/architecture.ts';
import { countParameters } from '../architecture/count-parameters.ts';
import { allNumbers, layerMatrices } from '../architecture/layer-matrices.ts';
import type { Assumptions } from '../assumptions/assumptions.ts';
import type { Cluster } from '../cluster/device.ts';
import type { TrainPhase } from '../phases/phase.ts';
import { layerActivations } from './layer-activations.ts';
import { joinMemory, type MemoryUse } from './memory-use.ts';
import { residentMemory } from './resident-memory.ts';

/** Tokens that the embedded trainer's session works on at once, whatever the batch; a longer row alone is more. */
const EMBEDDED_TOKENS = 1024;
/** Bytes of a Node process with onnxruntime that has loaded nothing yet. */
export const PROGRAM_BYTES = 0.25e9;

/**
 * GPUs: everything cut over all of them (ZeRO stage 3, arXiv 1910.02054: 2 bytes a parameter for weights, 2 for gradients, 12 for
 * AdamW in fp32), one row of the longest kind at a time, layers' inputs kept and the rest recomputed.
 * CPU: fp32, the old and the new values of a step side by side, every activation kept.
 */
export function trainingMemory(phase: TrainPhase, cluster: Cluster, { longestRow }: Assumptions): MemoryUse {
  const { model } = phase;
  const resident = residentMemory(phase, cluster);
  return joinMemory(resident, cluster.device.kind === 'gpu' ? shardedTraining(model, cluster.count, longestRow) : embeddedTraining(phase, longestRow));
}

function shardedTraining(model: Architecture, devices: number, tokens: number): MemoryUse {
  const { total, largestPart } = countParameters(model);
  const share = total / devices;
  const { hiddenSize, layers } = model;
  return {
    weights: 2 * share,
    gradients: 2 * share,
    moments: 8 * share,
    masterWeights: 4 * share,
    // Alone, a device has all weights already.
    gathered: devices === 1 ? 0 : 2 * 2 * largestPart,
    activations: 2 * tokens * (sumOverLayers(model, () => hiddenSize) + Math.max(...layers.map((layer) => layerActivations(layer, hiddenSize)))),
    // In bf16, then in fp32 with their gradient.
    logits: model.head === 'language' ? (2 + 4 + 4) * tokens * model.vocabularySize : 0,
  };
}

function embeddedTraining({ model, optimizer }: TrainPhase, longestRow: number): MemoryUse {
  const { total } = countParameters(model);
  const { hiddenSize, vocabularySize } = model;
  const tokens = Math.max(EMBEDDED_TOKENS, longestRow);
  const oneMoment = optimizer === 'muon' ? sumOverLayers(model, (layer) => layerMatrices(layer, hiddenSize).reduce((sum, matrices) => sum + allNumbers(matrices), 0)) : 0;
  return {
    // As loaded, before and after a step.
    weights: 3 * 4 * total,
    // Of a micro-batch, the sums before and after it, clipped.
    gradients: 4 * 4 * total,
    moments: 2 * 4 * (2 * total - oneMoment),
    // Scores, mask and weights of attention are kept too.
    activations: 4 * tokens * sumOverLayers(model, (layer) => layerActivations(layer, hiddenSize) + 3 * layer.attention.heads * longestRow),
    logits: model.head === 'language' ? 3 * 4 * tokens * vocabularySize : 0,
    program: PROGRAM_BYTES,
  };
}
