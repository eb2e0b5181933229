import type { Assumptions } from './assumptions/assumptions.ts';
import type { Cluster } from './cluster/device.ts';
import { GPUS } from './cluster/devices.ts';
import { estimatePhase } from './estimate-phase.ts';
import { type Component, COMPONENTS, totalMemory } from './memory/memory-use.ts';
import type { Phase, StageName } from './phases/phase.ts';

/** A phase that does not fit into memory. All figures are bytes of one GPU, or of the machine. */
export interface Misfit {
  readonly stage: StageName;
  readonly work: string;
  readonly needed: number;
  readonly usable: number;
  /** The largest component, and how much of what is needed it is. */
  readonly largest: Component;
  readonly largestBytes: number;
  readonly waysToFit: WaysToFit;
}

/** Each alone would make the whole run fit; absent: it would not. */
export interface WaysToFit {
  /** GPUs, whole nodes. */
  readonly devices?: number;
  /** Names of GPUs, as many as there are now. */
  readonly otherDevices?: readonly string[];
  /** Tokens of the longest row of training. */
  readonly longestRow?: number;
  /** Bytes of the machine. */
  readonly memory?: number;
}

/** More GPUs than this are not looked for. */
const MOST_DEVICES = 2 ** 17;
/** Shorter rows are looked for in steps of this many tokens. */
const ROW_STEP = 64;

/** What does not fit, and what would help. */
export function misfits(phases: readonly Phase[], cluster: Cluster, assumptions: Assumptions): Misfit[] {
  const usable = cluster.device.memory * assumptions.usableMemory;
  const found = phases.flatMap((phase) => {
    const { memory } = estimatePhase(phase, cluster, assumptions);
    const needed = totalMemory(memory);
    if (needed <= usable) return [];
    const bytes = (component: Component): number => memory[component] ?? 0;
    const largest = COMPONENTS.reduce((most, component) => (bytes(component) > bytes(most) ? component : most));
    return [{ stage: phase.stage, work: phase.work, needed, usable, largest, largestBytes: bytes(largest) }];
  });
  if (found.length === 0) return [];
  const ways = waysToFit(phases, cluster, assumptions);
  return found.map((misfit) => ({ ...misfit, waysToFit: ways }));
}

function waysToFit(phases: readonly Phase[], cluster: Cluster, assumptions: Assumptions): WaysToFit {
  const fits = (changed: { cluster?: Cluster; longestRow?: number }): boolean => {
    const { cluster: other = cluster, longestRow = assumptions.longestRow } = changed;
    const usable = other.device.memory * assumptions.usableMemory;
    return phases.every((phase) => totalMemory(estimatePhase(phase, other, { ...assumptions, longestRow }).memory) <= usable);
  };
  const rows = leastThatHolds(1, Math.floor(assumptions.longestRow / ROW_STEP), (cut) => fits({ longestRow: assumptions.longestRow - cut * ROW_STEP }));
  const shorter = rows === undefined ? 0 : assumptions.longestRow - rows * ROW_STEP;
  const longestRow = shorter >= meanRow(phases) ? { longestRow: shorter } : {};
  if (cluster.device.kind === 'cpu') {
    const needed = Math.max(...phases.map((phase) => totalMemory(estimatePhase(phase, cluster, assumptions).memory)));
    return { ...longestRow, memory: Math.ceil(needed / assumptions.usableMemory) };
  }
  const { devicesPerNode, count } = cluster;
  const nodes = leastThatHolds(Math.floor(count / devicesPerNode) + 1, Math.floor(MOST_DEVICES / devicesPerNode), (many) =>
    fits({ cluster: { ...cluster, count: many * devicesPerNode } }),
  );
  const otherDevices = GPUS.filter((device) => device.memory > cluster.device.memory && fits({ cluster: { ...cluster, device } })).map(({ name }) => name);
  return {
    ...(nodes === undefined ? {} : { devices: nodes * devicesPerNode }),
    ...(otherDevices.length === 0 ? {} : { otherDevices }),
    ...longestRow,
  };
}

/** Rows may be cut at a limit, but most of them must stay whole. */
function meanRow(phases: readonly Phase[]): number {
  return Math.max(...phases.map((phase) => (phase.kind === 'train' ? Math.max(...phase.rows.map(({ tokens }) => tokens)) : 0)));
}

/** The least whole number in low..high of which something is true that stays true above it. */
function leastThatHolds(low: number, high: number, holds: (value: number) => boolean): number | undefined {
  if (low > high || !holds(high)) return undefined;
  let [least, most] = [low, high];
  while (least < most) {
    const middle = Math.floor((least + most) / 2);
    if (holds(middle)) most = middle;
    else least = middle + 1;
  }
  return least;
}
