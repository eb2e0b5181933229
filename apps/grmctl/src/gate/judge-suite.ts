import { GrmError, type JudgeRequest, type Verdict } from '@grm/protocol';
import { type GateItem, gateRequest, noPick, pickOf } from './gate-suite.ts';

export interface SuiteRun {
  readonly items: readonly GateItem[];
  /** Of the first item's judgement; the next item's is one more. */
  readonly seed: number;
  /** Requests at a time. */
  readonly concurrency: number;
  readonly judge: (request: JudgeRequest) => Promise<Verdict>;
  /** Ends the run; its reason is the failure. */
  readonly signal: AbortSignal;
  readonly progress: () => void;
}

export interface JudgedSuite {
  /** By number of the item; those that were judged before a failure. */
  readonly picks: ReadonlyMap<number, number>;
  /** Why not all items were judged. */
  readonly failure?: unknown;
}

/** Judges every item once. A judge that writes nothing readable has picked nothing; any other error ends the run. */
export async function judgeSuite(run: SuiteRun): Promise<JudgedSuite> {
  const picks = new Map<number, number>();
  const queue = run.items.entries();
  const ended = new AbortController();
  const work = async () => {
    for (const [index, item] of queue) {
      run.signal.throwIfAborted();
      if (ended.signal.aborted) return;
      picks.set(index, await pick(run, item, index));
      run.progress();
    }
  };
  const workers = Array.from({ length: Math.min(run.concurrency, run.items.length) }, () =>
    work().catch((error: unknown) => {
      ended.abort();
      throw error;
    }),
  );
  const fault = (await Promise.allSettled(workers)).find((worker) => worker.status === 'rejected');
  return fault === undefined ? { picks } : { picks, failure: fault.reason };
}

async function pick({ judge, seed }: SuiteRun, item: GateItem, index: number): Promise<number> {
  try {
    return pickOf(item, await judge(gateRequest(item, (seed + index) >>> 0)));
  } catch (error) {
    if (!GrmError.isInstance(error) || error.code !== 'no-valid-sample') throw error;
    return noPick;
  }
}
