import type { SoakHistory } from '../history.ts';
import { faultsAround } from './faults-around.ts';

/** Milliseconds; nearest rank. Null where nothing was measured. */
export interface Percentiles {
  readonly count: number;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly longest: number | null;
}

export interface Latencies {
  /** Of requests that no fault came near. */
  readonly quiet: Percentiles;
  /** Of requests that waited while a fault lasted, or had just healed. */
  readonly disturbed: Percentiles;
}

/** How long verdicts of the steady load took, without faults and with them. */
export function latencies({ calls, faults }: SoakHistory, settleMs: number): Latencies {
  const quiet: number[] = [];
  const disturbed: number[] = [];
  for (const { purpose, askedAt, end } of calls) {
    if (purpose !== 'load' || end?.outcome.kind !== 'verdict') continue;
    const near = faultsAround(faults, { from: askedAt, to: end.at }, settleMs).length > 0;
    (near ? disturbed : quiet).push(end.at - askedAt);
  }
  return { quiet: percentiles(quiet), disturbed: percentiles(disturbed) };
}

export function percentiles(values: readonly number[]): Percentiles {
  const sorted = values.toSorted((one, other) => one - other);
  const rank = (share: number): number | null => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
  return { count: sorted.length, p50: rank(0.5), p95: rank(0.95), p99: rank(0.99), longest: rank(1) };
}
