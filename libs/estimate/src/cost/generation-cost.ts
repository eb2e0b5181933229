import { cacheParts, cacheSize } from '../architecture/cache-size.ts';
import type { Architecture } from '../architecture/architecture.ts';
import { countParameters } from '../architecture/count-parameters.ts';
import { forwardFlops, totalFlops } from '../architecture/forward-flops.ts';
import type { Assumptions } from '../assumptions/assumptions.ts';
import type { Cluster } from '../cluster/device.ts';
import type { GeneratePhase } from '../phases/phase.ts';
import type { Cost } from './cost.ts';
import { NO_FLOPS } from './flops.ts';
import type { GenerationGroups } from './generation-groups.ts';
import { NO_TOKENS } from './tokens.ts';

/** Bytes of a number in weights and cache as decoding reads them: bf16, fp32. */
export const NUMBER_BYTES = { gpu: 2, cpu: 4 } as const;

/**
 * Prompts are read, each judgement's on its own since its responses are in an order of its own. Then every copy decodes `slots`
 * sequences at once, a new one taking the place of one that ends, until the longest of the last ones ends. A step takes the time of
 * its overhead, of reading the weights it needs and the cache, and of its arithmetic, one after the other.
 */
export function generationCost(phase: GeneratePhase, layout: GenerationGroups & { readonly slots: number }, cluster: Cluster, assumptions: Assumptions): Cost {
  const { model, rounds, judgementsPerRound, promptTokens, judgementTokens, longestTokens } = phase;
  const { groups, devicesPerGroup, slots } = layout;
  const judgements = rounds * judgementsPerRound;
  const prompt = forwardFlops(model, { from: 0, to: promptTokens, heads: 1, decoding: false });
  const judgement = forwardFlops(model, { from: promptTokens, to: promptTokens + judgementTokens, heads: judgementTokens, decoding: true });
  const ofOne = totalFlops(prompt) + totalFlops(judgement);

  const perGroup = Math.ceil(judgementsPerRound / groups);
  const steps = (perGroup * judgementTokens) / slots + (longestTokens - judgementTokens);
  const bandwidth = layout.bandwidth * assumptions.bandwidthUtilisation;
  const bytes = NUMBER_BYTES[cluster.device.kind];
  const weights = (bytes * weightsRead(model, slots)) / bandwidth;
  // A cache that is not cut is read whole by every device of the group.
  const repeated = cluster.device.kind === 'gpu' ? devicesPerGroup / cacheParts(model, devicesPerGroup) : 1;
  const cache = (perGroup * judgementTokens * bytes * cacheSize(model, promptTokens + judgementTokens / 2) * repeated) / bandwidth;
  const arithmetic = (perGroup * ofOne) / (devicesPerGroup * cluster.device.flops * assumptions.generationUtilisation);
  return {
    rows: judgements,
    tokens: { ...NO_TOKENS, prompts: judgements * promptTokens, generated: judgements * judgementTokens },
    flops: { ...NO_FLOPS, prompts: judgements * totalFlops(prompt), decoding: judgements * totalFlops(judgement) },
    attentionShare: (prompt.attention + judgement.attention) / ofOne,
    seconds: rounds * (steps * (assumptions.stepOverhead + weights) + cache + arithmetic),
    devices: cluster.device.kind === 'gpu' ? cluster.count : groups * devicesPerGroup,
  };
}

/** Weights that a decoding step of so many sequences reads: of a mixture's experts those that at least one is sent to, each with equal chance. */
function weightsRead(architecture: Architecture, sequences: number): number {
  const { total, routed } = countParameters(architecture);
  const mixture = architecture.layers.map(({ feedForward }) => feedForward).find((feedForward) => feedForward.kind === 'experts');
  if (mixture === undefined) return total;
  return total - routed * (1 - mixture.active / mixture.routed) ** sequences;
}
