import type { Span, StruckFault } from '../history.ts';

/** Faults that lasted, or had just healed, at some moment of a span. */
export function faultsAround(faults: readonly StruckFault[], { from, to }: Span, settleMs: number): StruckFault[] {
  return faults.filter(({ struckAt, healedAt = Number.POSITIVE_INFINITY }) => struckAt <= to && healedAt + settleMs >= from);
}
