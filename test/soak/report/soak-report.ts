import type { TrainingFindings } from '../check/check-training.ts';
import { checkHistory } from '../check/check-history.ts';
import { latencies, type Latencies } from '../check/latencies.ts';
import { recoveries, type Recovery } from '../check/recoveries.ts';
import type { RuleOptions } from '../check/rule.ts';
import type { Violation } from '../check/violation.ts';
import type { Purpose, SoakHistory } from '../history.ts';

/** What a soak comes to; plain JSON. */
export interface SoakReport {
  readonly ground: string;
  readonly seed: number;
  readonly rate: number;
  /** How long faults were struck. */
  readonly minutes: number;
  readonly calls: Readonly<Record<Purpose, number>>;
  readonly verdicts: number;
  readonly errors: Readonly<Record<string, number>>;
  /** Requests on the wire, where an onlooker heard them. */
  readonly attempts: number;
  readonly latency: Latencies;
  readonly recoveries: readonly Recovery[];
  readonly deadLetters: Readonly<Record<string, number>>;
  readonly training?: TrainingFindings;
  readonly violations: readonly Violation[];
}

/** Requests count as disturbed until this long after a fault has healed, ms. */
const settleMs = 3_000;

export interface ReportOptions extends RuleOptions {
  readonly ground: string;
  readonly seed: number;
  readonly rate: number;
  readonly minutes: number;
  readonly training?: TrainingFindings;
}

export function soakReport(history: SoakHistory, { ground, seed, rate, minutes, training, ...options }: ReportOptions): SoakReport {
  const { calls, heard, closing } = history;
  const outcomes = calls.flatMap(({ end }) => end?.outcome ?? []);
  const purpose = (of: Purpose): number => calls.filter((call) => call.purpose === of).length;
  return {
    ground,
    seed,
    rate,
    minutes,
    calls: { load: purpose('load'), repeat: purpose('repeat'), burst: purpose('burst'), replay: purpose('replay') },
    verdicts: outcomes.filter(({ kind }) => kind === 'verdict').length,
    errors: tally(outcomes.flatMap((outcome) => (outcome.kind === 'error' ? [outcome.code] : []))),
    attempts: heard.filter(({ kind }) => kind === 'asked').length,
    latency: latencies(history, settleMs),
    recoveries: recoveries(history, settleMs),
    deadLetters: tally(closing.deadLetters.map(({ reason }) => reason)),
    ...(training === undefined ? {} : { training }),
    violations: [...checkHistory(history, options), ...(training?.violations ?? [])],
  };
}

function tally(words: readonly string[]): Record<string, number> {
  return Object.fromEntries([...Map.groupBy(words, (word) => word)].map(([word, { length }]) => [word, length]));
}
