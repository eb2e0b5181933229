import type { GateReport, JudgeRequest, Verdict } from '@grm/protocol';
import { comparablePicks, gateReportOf } from './gate-report-of.ts';
import type { GateItem, GateSuite } from './gate-suite.ts';
import { type JudgedSuite, judgeSuite } from './judge-suite.ts';

type Judge = (request: JudgeRequest, signal: AbortSignal) => Promise<Verdict>;

/** The revision that is compared with. */
export interface OtherRevision {
  readonly revision: string;
  /** What a gate found of it before. */
  readonly report: GateReport | undefined;
  readonly judge: Judge;
}

export interface GateRun {
  readonly suite: GateSuite;
  readonly items: readonly GateItem[];
  readonly seed: number;
  readonly concurrency: number;
  readonly judge: Judge;
  readonly against?: OtherRevision;
  /** Ends the judging when its time is up, or the program's is. */
  readonly signal: AbortSignal;
  /** Time that the judging may take, s; for messages. */
  readonly seconds: number;
  readonly progress: (done: number, total: number) => void;
  readonly warn: (message: string) => void;
}

/** Judges a suite by a revision and, where none remembers how it did, by the one that it is compared with: both at once, since each has workers of its own. */
export async function runGate(run: GateRun): Promise<GateReport> {
  const { suite, items, seed, against, seconds } = run;
  const known = comparablePicks(against?.report, { suite, seed, count: items.length });
  const live = known === undefined ? against : undefined;
  const failed = new AbortController();
  const signal = AbortSignal.any([run.signal, failed.signal]);
  const total = items.length * (live === undefined ? 1 : 2);
  let done = 0;
  const judge = (by: Judge) => judgeSuite({ ...run, judge: (request) => by(request, signal), signal, progress: () => run.progress(++done, total) });
  const [judged, other] = await Promise.all([
    judge(run.judge).then((found) => {
      // Nothing is left to compare.
      if ('failure' in found) failed.abort();
      return found;
    }),
    live === undefined ? undefined : judge(live.judge),
  ]);
  const found = { suite, items, seed, judgedAt: new Date(), picks: judged.picks };
  if ('failure' in judged) return gateReportOf({ ...found, error: reasonOf(judged, run) });
  if (against === undefined) return gateReportOf(found);
  const picks = known ?? wholeOf(other, items.length);
  if (picks === undefined && other !== undefined) run.warn(`no agreement with revision ${against.revision} within ${seconds} s: ${reasonOf(other, run)}`);
  return gateReportOf({ ...found, ...(picks === undefined ? {} : { other: { revision: against.revision, picks } }) });
}

/** One pick an item, where all were judged. */
function wholeOf(judged: JudgedSuite | undefined, items: number): readonly number[] | undefined {
  if (judged?.picks.size !== items) return undefined;
  return [...judged.picks].toSorted(([one], [next]) => one - next).map(([, pick]) => pick);
}

function reasonOf({ picks, failure }: JudgedSuite, { items, seconds }: GateRun): string {
  const timedOut = failure instanceof Error && failure.name === 'TimeoutError';
  const reason = timedOut ? `the ${seconds} s for judging have passed` : failure instanceof Error ? failure.message : String(failure);
  return `${picks.size} of ${items.length} items judged: ${reason}`;
}
