import { setTimeout as pause } from 'node:timers/promises';
import type { StruckFault } from '../history.ts';
import type { SoakClock } from '../soak-clock.ts';
import type { FaultKind } from './fault.ts';
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
    const struck = await Promise.all(faults.map((fault) => strikeOne(fault, options)));
    const failed = struck.find((error) => error !== undefined);
    if (failed !== undefined) throw failed;
  }
}

/** @returns the error of a fault that could not be struck, once the others of its bout have healed */
async function strikeOne({ name, afterMs, choice }: PlannedFault, options: StrikeOptions): Promise<Error | undefined> {
  const { kinds, clock, healWithinMs, struck, log } = options;
  const kind = kinds.get(name);
  if (kind === undefined) throw new Error(`there is no fault ${name}; there are ${[...kinds.keys()].join(', ')}`);
  await pause(afterMs);
  const { explains } = kind;
  const struckAt = clock.now();
  const deadline = AbortSignal.timeout(healWithinMs);
  const fault = kind.prepare(choice);
  try {
    const target = await fault.strike(deadline);
    if (target === undefined) {
      log(`${name}: nothing to strike`);
      return undefined;
    }
    log(`${name}: ${target}`);
    const healedAt = await healedTime(() => fault.healed(), clock, deadline);
    struck({ name, target, explains, struckAt, ...(healedAt === undefined ? {} : { healedAt }) });
    log(healedAt === undefined ? `${name}: not healed within ${healWithinMs / 1000} s` : `${name}: healed after ${((healedAt - struckAt) / 1000).toFixed(1)} s`);
    return undefined;
  } catch (cause) {
    struck({ name, target: 'failed', explains, struckAt });
    return new Error(`${name} could not be struck: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

async function healedTime(healed: () => Promise<boolean>, clock: SoakClock, deadline: AbortSignal): Promise<number | undefined> {
  while (!deadline.aborted) {
    if (await healed().catch(() => false)) return clock.now();
    await pause(lookEveryMs);
  }
  return undefined;
}
