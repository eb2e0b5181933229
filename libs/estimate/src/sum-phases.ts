import { type Flops, NO_FLOPS } from './cost/flops.ts';
import { NO_TOKENS, type Tokens } from './cost/tokens.ts';
import type { PhaseEstimate } from './estimate-phase.ts';
import { totalMemory } from './memory/memory-use.ts';
import { type StageName, STAGES } from './phases/phase.ts';

/** What phases take together. */
export interface Sum {
  readonly stage: StageName;
  readonly tokens: Tokens;
  readonly flops: Flops;
  readonly seconds: number;
  /** GPU-seconds held, or thread-seconds. */
  readonly deviceSeconds: number;
  /** Bytes: the most that a phase needs of one GPU, or of the machine. */
  readonly memory: number;
}

export function sumPhases(phases: readonly PhaseEstimate[]): { readonly stages: readonly Sum[]; readonly total: Omit<Sum, 'stage'> } {
  const stages = STAGES.map((stage) => ({ stage, of: phases.filter((phase) => phase.stage === stage) })).filter(({ of }) => of.length > 0);
  return { stages: stages.map(({ stage, of }) => ({ stage, ...sumOf(of) })), total: sumOf(phases) };
}

function sumOf(phases: readonly PhaseEstimate[]): Omit<Sum, 'stage'> {
  return {
    tokens: phases.map(({ tokens }) => tokens).reduce(added, NO_TOKENS),
    flops: phases.map(({ flops }) => flops).reduce(added, NO_FLOPS),
    seconds: phases.reduce((sum, { seconds }) => sum + seconds, 0),
    deviceSeconds: phases.reduce((sum, { seconds, devices }) => sum + seconds * devices, 0),
    memory: Math.max(...phases.map(({ memory }) => totalMemory(memory))),
  };
}

function added<Part extends Tokens | Flops>(left: Part, right: Part): Part {
  const other = new Map<string, number>(Object.entries(right));
  return { ...left, ...Object.fromEntries(Object.entries(left).map(([name, value]) => [name, Number(value) + (other.get(name) ?? 0)])) };
}
