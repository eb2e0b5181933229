import { after, done, isNotFound, type ObjectKey, type Result } from '@grm/controller-runtime';
import type { Logger } from 'pino';
import { patchStatus } from '../status/patch-status.ts';
import { act } from './act.ts';
import type { ActedRun, ActTools } from './acted-run.ts';
import type { Problem, StatusInput } from './conditions/run-condition.ts';
import { decideRun, type RunDecision } from './decide-run.ts';
import { gather, type GatherOptions } from './gather.ts';
import { problemOf } from './problem-of.ts';
import type { RunAction } from './run-action.ts';
import { eventsOfActions, eventsOfChange, type RunEvent } from './run-events.ts';
import { trainingRunStatus } from './training-run-status.ts';
import { trainingRuns, type TrainingRunObject } from './training-run-object.ts';
import { whenToWrite } from './when-to-write.ts';

export interface TrainingRunReconcilerOptions extends Omit<GatherOptions, keyof ActTools>, ActTools {
  /** Takes what a write to a run has answered with into the cache. */
  readonly observe: (run: TrainingRunObject) => void;
  /** Never fails, never waits. */
  readonly record: (run: TrainingRunObject, event: RunEvent) => void;
}

/** After what the API server or NATS will not do, it is tried again so often, s: a quota is raised, a server comes back. */
const PROBLEM_SECONDS = 15;

/** What became of a decision. */
interface Outcome {
  readonly done: readonly RunAction[];
  readonly problem?: Problem;
}

/** Makes GRMTrainingRuns true. */
export class TrainingRunReconciler {
  readonly #options: TrainingRunReconcilerOptions;

  constructor(options: TrainingRunReconcilerOptions) {
    this.#options = options;
  }

  async reconcile(key: ObjectKey, { log }: { readonly log: Logger }): Promise<Result> {
    const object = this.#options.stores.runs.get(key);
    if (object === undefined) return done;
    const stale = this.#options.children.staleFor(key);
    if (stale !== undefined) return after(stale);
    const { facts, planned } = gather(object, this.#options);
    const decision = decideRun(facts);
    const run: ActedRun = { facts, planned, object };
    const outcome = await this.#carryOut(decision, run, log);
    const again = await this.#report({ facts, decision: { ...decision, actions: outcome.done }, ...problemIn(outcome) }, run);
    if (run.object !== object) this.#options.observe(run.object);
    return soonest([decision.afterSeconds, again, outcome.problem === undefined ? undefined : PROBLEM_SECONDS]);
  }

  /** In order, each only when those before it were done. @throws what another try may mend */
  async #carryOut({ actions }: RunDecision, run: ActedRun, log: Logger): Promise<Outcome> {
    const carriedOut: RunAction[] = [];
    for (const action of actions) {
      try {
        await act(action, run, this.#options);
        carriedOut.push(action);
      } catch (error) {
        const problem = problemOf(error);
        if (problem === undefined) throw error;
        log.warn({ err: error, action: action.kind }, 'the run cannot have what it needs');
        return { done: carriedOut, problem };
      }
    }
    return { done: carriedOut };
  }

  /** @returns when the status is to be written, s, where that is not now */
  async #report(input: StatusInput, run: ActedRun): Promise<number | undefined> {
    const { facts, decision } = input;
    this.#tell(run, eventsOfActions(input));
    if (decision.actions.some(({ kind }) => kind === 'remove-finalizer' || kind === 'delete-run')) return undefined;
    const status = trainingRunStatus(input);
    const time = whenToWrite(facts.status, status, facts);
    if (time.kind === 'later') return time.seconds;
    if (time.kind === 'never') return undefined;
    try {
      run.object = await patchStatus(this.#options.client, trainingRuns, run.object, status);
      this.#tell(run, eventsOfChange(facts.status, status));
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    return undefined;
  }

  #tell({ object }: ActedRun, events: readonly RunEvent[]): void {
    for (const event of events) this.#options.record(object, event);
  }
}

const problemIn = ({ problem }: Outcome): { readonly problem?: Problem } => (problem === undefined ? {} : { problem });

function soonest(times: readonly (number | undefined)[]): Result {
  const known = times.filter((seconds) => seconds !== undefined);
  return known.length === 0 ? done : after(Math.min(...known));
}
