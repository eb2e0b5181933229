import type { Assumptions } from './assumptions/assumptions.ts';
import type { Cluster } from './cluster/device.ts';
import type { Cost } from './cost/cost.ts';
import { forwardCost } from './cost/forward-cost.ts';
import { generationCost } from './cost/generation-cost.ts';
import { generationGroups } from './cost/generation-groups.ts';
import { trainingCost } from './cost/training-cost.ts';
import { forwardMemory } from './memory/forward-memory.ts';
import { generationMemory } from './memory/generation-memory.ts';
import type { MemoryUse } from './memory/memory-use.ts';
import { trainingMemory } from './memory/training-memory.ts';
import type { Phase } from './phases/phase.ts';

/** How copies of the model draw, where a phase draws. */
export interface Drawing {
  readonly copies: number;
  readonly devicesPerCopy: number;
  /** Sequences that a copy decodes at once. */
  readonly sequences: number;
}

export interface PhaseEstimate extends Cost, Pick<Phase, 'stage' | 'work' | 'when' | 'kind'> {
  /** Bytes of one GPU, or of the machine. */
  readonly memory: MemoryUse;
  readonly drawing?: Drawing;
}

export function estimatePhase(phase: Phase, cluster: Cluster, assumptions: Assumptions): PhaseEstimate {
  const { stage, work, when, kind } = phase;
  const name = { stage, work, when, kind };
  switch (phase.kind) {
    case 'train':
      return { ...name, ...trainingCost(phase, cluster, assumptions), memory: trainingMemory(phase, cluster, assumptions) };
    case 'forward':
      return { ...name, ...forwardCost(phase, cluster, assumptions), memory: forwardMemory(phase, cluster, assumptions) };
    case 'generate': {
      const layout = generationGroups(phase, cluster, assumptions);
      const { use, slots } = generationMemory(phase, layout, cluster, assumptions);
      const cost = generationCost(phase, { ...layout, slots }, cluster, assumptions);
      return { ...name, ...cost, memory: use, drawing: { copies: layout.groups, devicesPerCopy: layout.devicesPerGroup, sequences: slots } };
    }
  }
}
