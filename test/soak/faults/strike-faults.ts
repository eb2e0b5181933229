import { setTimeout as pause } from 'node:timers/promises';
import type { StruckFault } from '../history.ts';
import type { SoakClock } from '../soak-clock.ts';
import type { Fault, FaultKind } from './fault.ts';
import type { Bout, PlannedFault } from './plan-bouts.ts';

export interface StrikeOptions {
  readonly bouts: Iterable<Bout>;
  readonly kinds: ReadonlyMap<string, FaultKind>;
  readonly clock: SoakClock;
  /** How long a fault may take to heal, ms; after that the soak goes on, and the checker says so. */
  readonly healWithinMs: number;
  readonly struck: (fault: StruckFault) => void;
  readonly log: (line: string) => void;
  /** No new bout begins after it aborts; the one under way is waited for. */
  readonly signal: AbortSignal;
}

const lookEveryMs = 200;

/** Strikes bout after bout. Returns when the signal has aborted and the last bout has healed. */
export async function strikeFaults(options: StrikeOptions): Promise<void> {
  const { bouts, signal } = options;
  for (const { quietMs, faults } of bouts) {
    await pause(quietMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    await Promise.all(faults.map((fault) => strikeOne(fault, options)));
  }
}

async function strikeOne({ name, afterMs, choice }: PlannedFault, options: StrikeOptions): Promise<void> {
  const { kinds, clock, healWithinMs, struck, log } = options;
  const kind = kinds.get(name);
  if (kind === undefined) throw new Error(`there is no fault ${name}; there are ${[...kinds.keys()].join(', ')}`);
  await pause(afterMs);
  const { explains } = kind;
  const struckAt = clock.now();
  const deadline = AbortSignal.timeout(healWithinMs);
  const fault = kind.prepare(choice);
  log(`${name} ...`);
  const target = await struckTarget(fault, deadline);
  if (target === undefined) {
    log(`${name}: nothing to strike`);
    return;
  }
  log(`${name}: ${target}`);
  const healedAt = await healedTime(() => fault.healed(), clock, deadline);
  struck({ name, target, explains, struckAt, ...(healedAt === undefined ? {} : { healedAt }) });
  log(healedAt === undefined ? `${name}: not healed within ${healWithinMs / 1000} s` : `${name}: healed after ${((healedAt - struckAt) / 1000).toFixed(1)} s`);
}

/** A strike that fails may have done some of it: what it did must heal all the same. */
async function struckTarget(fault: Fault, deadline: AbortSignal): Promise<string | undefined> {
  try {
    return await fault.strike(deadline);
  } catch (error) {
    return `only in part: ${error instanceof Error ? error.message : String(error)}`;
  }
}

async function healedTime(healed: () => Promise<boolean>, clock: SoakClock, deadline: AbortSignal): Promise<number | undefined> {
  while (!deadline.aborted) {
    if (await healed().catch(() => false)) return clock.now();
    await pause(lookEveryMs);
  }
  return undefined;
}
