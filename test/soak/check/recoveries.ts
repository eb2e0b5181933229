import type { Call, SoakHistory, StruckFault } from '../history.ts';
import { latencies } from './latencies.ts';

/** What a fault cost. */
export interface Recovery {
  readonly name: string;
  readonly struck: number;
  /** Longest time until all processes ran again as they should, ms; null: one has not. */
  readonly healedMs: number | null;
  /** Longest time after which requests were answered as fast as in quiet times again, ms; null: not until the end, or the soak had no quiet time to compare with. */
  readonly servedMs: number | null;
  /** Requests of the steady load that ended in an error while one of this kind lasted (other faults may have lasted, too). */
  readonly errors: number;
}

/** Requests in a row that must be answered fast before the service counts as recovered. */
const inARow = 5;
/** Fast: within this many times what 95 of 100 requests take in quiet times. */
const tolerated = 2;

export function recoveries(history: SoakHistory, settleMs: number): Recovery[] {
  const { p95 } = latencies(history, settleMs).quiet;
  const load = history.calls.filter(({ purpose }) => purpose === 'load').toSorted((one, other) => one.askedAt - other.askedAt);
  const kinds = Map.groupBy(history.faults, ({ name }) => name);
  return [...kinds].map(([name, faults]) => ({
    name,
    struck: faults.length,
    healedMs: longest(faults.map(({ struckAt, healedAt }) => (healedAt === undefined ? null : healedAt - struckAt))),
    servedMs: p95 === null ? null : longest(faults.map((fault) => servedAfter(fault, load, tolerated * p95))),
    errors: load.filter((call) => call.end?.outcome.kind === 'error' && faults.some((fault) => overlaps(call, fault, settleMs))).length,
  }));
}

/** From the strike to the first request from which on several in a row were answered fast. */
function servedAfter({ struckAt }: StruckFault, load: readonly Call[], fastMs: number): number | null {
  const after = load.filter(({ askedAt }) => askedAt >= struckAt);
  const fast = after.map(({ askedAt, end }) => end?.outcome.kind === 'verdict' && end.at - askedAt <= fastMs);
  const first = fast.findIndex((_, index) => index + inARow <= fast.length && fast.slice(index, index + inARow).every(Boolean));
  const call = after[first];
  return call === undefined ? null : call.askedAt - struckAt;
}

function longest(values: readonly (number | null)[]): number | null {
  return values.reduce<number | null>((most, value) => (most === null || value === null ? null : Math.max(most, value)), 0);
}

function overlaps({ askedAt, end }: Call, { struckAt, healedAt = Number.POSITIVE_INFINITY }: StruckFault, settleMs: number): boolean {
  return end !== undefined && struckAt <= end.at && healedAt + settleMs >= askedAt;
}
