import type { ObjectKey, Result } from '@grm/controller-runtime';
import type { Logger } from 'pino';
import { isGone } from '../kubernetes/api-failure.ts';
import { OwnWrites } from '../status/own-writes.ts';
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
  readonly #writes = new OwnWrites<TrainingRunObject>();

  constructor(options: TrainingRunReconcilerOptions) {
    this.#options = options;
  }

  async reconcile(key: ObjectKey, { log }: { readonly log: Logger }): Promise<Result> {
    const cached = this.#options.stores.runs.get(key);
    if (cached === undefined) {
      this.#writes.forget(key.namespace, key.name);
      return { kind: 'done' };
    }
    const object = this.#writes.newest(cached);
    const { facts, planned } = gather(object, this.#options);
    const decision = decideRun(facts);
    const run: ActedRun = { facts, planned, object };
    const outcome = await this.#carryOut(decision, run, log);
    this.#writes.remember(cached, run.object);
    const again = await this.#report({ facts, decision: { ...decision, actions: outcome.done }, ...problemIn(outcome) }, run);
    this.#writes.remember(cached, run.object);
    return resultOf([decision.afterSeconds, again, outcome.problem === undefined ? undefined : PROBLEM_SECONDS]);
  }

  /** In order, each only when those before it were done. @throws what another try may mend */
  async #carryOut({ actions }: RunDecision, run: ActedRun, log: Logger): Promise<Outcome> {
    const done: RunAction[] = [];
    for (const action of actions) {
      try {
        await act(action, run, this.#options);
        done.push(action);
      } catch (error) {
        const problem = problemOf(error);
        if (problem === undefined) throw error;
        log.warn({ err: error, action: action.kind }, 'the run cannot have what it needs');
        return { done, problem };
      }
    }
    return { done };
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
      if (!isGone(error)) throw error;
    }
    return undefined;
  }

  #tell({ object }: ActedRun, events: readonly RunEvent[]): void {
    for (const event of events) this.#options.record(object, event);
  }
}

const problemIn = ({ problem }: Outcome): { readonly problem?: Problem } => (problem === undefined ? {} : { problem });

function resultOf(times: readonly (number | undefined)[]): Result {
  const known = times.filter((seconds) => seconds !== undefined);
  return known.length === 0 ? { kind: 'done' } : { kind: 'after', seconds: Math.min(...known) };
}
