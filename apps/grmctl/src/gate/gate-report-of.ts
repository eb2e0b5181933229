import { wilsonInterval } from '@grm/preferences';
import type { GateReport } from '@grm/protocol';
import { type GateItem, type GateSuite, noPick } from './gate-suite.ts';

/** What was judged, and how. */
export interface GateFindings {
  readonly suite: GateSuite;
  readonly items: readonly GateItem[];
  readonly seed: number;
  readonly judgedAt: Date;
  /** By number of the item. */
  readonly picks: ReadonlyMap<number, number>;
  /** What another revision picked, one an item. */
  readonly other?: { readonly revision: string; readonly picks: readonly number[] };
  /** Why not all items were judged. */
  readonly error?: string;
}

/** An item without a pick is judged wrong: whoever asks such a question gets no verdict. Where not all items were judged, the report is about those that were. */
export function gateReportOf({ suite, items, seed, judgedAt, picks, other, error }: GateFindings): GateReport {
  const judged = [...picks].toSorted(([one], [next]) => one - next);
  const right = judged.filter(([index, pick]) => pick === items[index]?.right).length;
  const whole = { suite, items: judged.length, accuracy: judged.length === 0 ? 0 : right / judged.length, ...wilsonInterval(right, judged.length), seed, judgedAt: judgedAt.toISOString() };
  // Without all items the picks would stand in other places than another revision's.
  if (error !== undefined) return { ...whole, picks: [], error };
  const chosen = judged.map(([, pick]) => pick);
  return { ...whole, picks: chosen, ...(other === undefined ? {} : { agreement: { with: other.revision, value: agreementOf(chosen, other.picks), items: chosen.length } }) };
}

/** The picks of an earlier report, where they are of the same items judged with the same seeds. */
export function comparablePicks(report: GateReport | undefined, { suite, count, seed }: Pick<GateFindings, 'suite' | 'seed'> & { readonly count: number }): readonly number[] | undefined {
  const same = report !== undefined && report.error === undefined && report.suite === suite && report.seed === seed && report.picks.length === count;
  return same ? report.picks : undefined;
}

/** Two that pick nothing do not agree. */
function agreementOf(picks: readonly number[], others: readonly number[]): number {
  return picks.length === 0 ? 0 : picks.filter((pick, index) => pick !== noPick && pick === others[index]).length / picks.length;
}
