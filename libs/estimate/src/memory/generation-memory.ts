import { cacheParts, cacheSize } from '../architecture/cache-size.ts';
import type { Assumptions } from '../assumptions/assumptions.ts';
import type { Cluster } from '../cluster/device.ts';
import { NUMBER_BYTES } from '../cost/generation-cost.ts';
import type { GenerationGroups } from '../cost/generation-groups.ts';
import type { GeneratePhase } from '../phases/phase.ts';
import { joinMemory, type MemoryUse, totalMemory } from './memory-use.ts';
import { residentMemory } from './resident-memory.ts';
import { PROGRAM_BYTES } from './training-memory.ts';

export interface GenerationMemory {
  readonly use: MemoryUse;
  /** Sequences that one copy of the model decodes at once. */
  readonly slots: number;
}

/** A copy of the model beside what is resident, and as much cache as the round needs and the memory has; one longest sequence at least. */
export function generationMemory(phase: GeneratePhase, layout: GenerationGroups, cluster: Cluster, assumptions: Assumptions): GenerationMemory {
  const { model, judgementsPerRound, promptTokens, judgementTokens, longestTokens } = phase;
  const { device } = cluster;
  const { groups, devicesPerGroup } = layout;
  const cpu = device.kind === 'cpu';
  const standing = joinMemory(residentMemory(phase, cluster), {
    copy: layout.weightBytes,
    program: cpu ? PROGRAM_BYTES * (phase.samplers === undefined ? 1 : 1 + phase.samplers.replicas) : 0,
  });
  // In one GPU lies a part of its group's cache; in the machine lie the caches of all copies.
  const share = cpu ? groups : 1 / cacheParts(model, devicesPerGroup);
  const bytes = (tokens: number): number => NUMBER_BYTES[device.kind] * cacheSize(model, tokens) * share;
  const room = device.memory * assumptions.usableMemory - totalMemory(standing);
  const wanted = Math.min(Math.ceil(judgementsPerRound / groups), assumptions.generationBatch);
  const sequence = bytes(promptTokens + judgementTokens);
  const slots = Math.max(1, Math.min(wanted, Math.floor(room / sequence)));
  return { slots, use: joinMemory(standing, { cache: Math.max(slots * sequence, bytes(promptTokens + longestTokens)) }) };
}
