import { GrmError, timerDelay } from '@grm/protocol';
import { LOG, type Log } from '@grm/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { ReplyInbox, type ReplyKind, type ReplySubjects } from './reply-inbox.ts';
import type { RunEvent, RunStep } from './run-event.ts';
import { type Handover, WorkQueue } from './work-queue.ts';

/** A run ends this long before its deadline, ms, so that the reason arrives in time. */
const reserveMs = 20;

/** One piece of work that tasks in the queue are done for: a state machine, and what its actions mean. */
export interface TaskRun<State, Event, Action, Result> {
  /** The request's id, as the caller knows it. */
  readonly id: string;
  /** Names the run on the work queue and in cancellations. */
  readonly runId: string;
  /** Epoch ms. */
  readonly deadline: number;
  readonly first: RunStep<State, Action>;
  readonly step: (state: State, event: Event | RunEvent) => RunStep<State, Action>;
  /** A worker's answer as an event. @throws when it is no such answer */
  readonly eventOf: (kind: ReplyKind, payload: Uint8Array) => Event;
  readonly act: (action: Action, state: State, desk: RunDesk<Result>) => void;
}

/** What an action may do to the world. */
export interface RunDesk<Result> {
  /** Hands a task over. One that is being handed over already is asked for once. */
  readonly ask: (kind: string, taskId: string, put: (replies: ReplySubjects, signal: AbortSignal) => Promise<Handover>) => void;
  /** Calls back what still lies in the queue. */
  readonly cancel: () => void;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/** Carries runs through: events in, the run's machine decides, actions out. */
@Injectable()
export class TaskRuns {
  constructor(
    @Inject(ReplyInbox) private readonly inbox: ReplyInbox,
    @Inject(WorkQueue) private readonly queue: WorkQueue,
    @Inject(LOG) private readonly log: Log,
  ) {}

  /**
   * @param signal gives the run up; its reason is thrown.
   * @throws GrmError
   */
  async carry<State, Event, Action, Result>(run: TaskRun<State, Event, Action, Result>, signal: AbortSignal): Promise<Result> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    const done = new AbortController();
    /** Tasks that are being handed over, and whether the connection was away meanwhile. */
    const asking = new Map<string, { interrupted: boolean }>();
    let step = run.first;

    const dispatch = (event: Event | RunEvent) => {
      step = run.step(step.state, event);
      act();
    };
    const listener = {
      onReply: (kind: ReplyKind, payload: Uint8Array) => this.#received(kind, payload, run, dispatch),
      onReconnect: () => dispatch({ kind: 'reconnected' }),
    };
    using replies = this.inbox.open(run.runId, listener);
    const handOver = async (kind: string, taskId: string, put: Parameters<RunDesk<Result>['ask']>[2]) => {
      const name = `${kind} ${taskId}`;
      const before = asking.get(name);
      if (before !== undefined) {
        // It is being repeated already.
        before.interrupted = true;
        return;
      }
      const current = { interrupted: false };
      asking.set(name, current);
      try {
        const handover = await put(replies, done.signal);
        asking.delete(name);
        // It has been in the queue since before the connection was away, and may have been answered then.
        if (current.interrupted && handover === 'duplicate') dispatch({ kind: 'answer-lost', taskId });
      } catch (error) {
        asking.delete(name);
        if (!done.signal.aborted) dispatch({ kind: 'abandoned', error: this.#refused(error, run).toBody() });
      }
    };
    const desk: RunDesk<Result> = {
      ask: (kind, taskId, put) => void handOver(kind, taskId, put),
      cancel: () => this.queue.cancel(run.runId),
      resolve,
      reject,
    };
    const act = () => {
      const { state, actions } = step;
      for (const action of actions) run.act(action, state, desk);
    };
    const abandon = () => dispatch({ kind: 'abandoned', error: GrmError.from(signal.reason).toBody() });
    signal.addEventListener('abort', abandon, { once: true });
    const timer = setTimeout(() => dispatch({ kind: 'deadline' }), timerDelay(run.deadline - Date.now() - reserveMs));
    try {
      act();
      return await promise;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', abandon);
      done.abort();
    }
  }

  #refused(error: unknown, { id, runId }: { readonly id: string; readonly runId: string }): GrmError {
    const refusal = GrmError.from(error);
    if (refusal.code !== 'overloaded') this.log.warn({ err: refusal.cause ?? refusal, id, runId }, 'a task could not be put into the work queue');
    return refusal;
  }

  #received<State, Event, Action, Result>(kind: ReplyKind, payload: Uint8Array, run: TaskRun<State, Event, Action, Result>, dispatch: (event: Event) => void): void {
    try {
      dispatch(run.eventOf(kind, payload));
    } catch (error) {
      const { id, runId } = run;
      this.log.error({ err: error, id, runId, kind }, 'a worker answered with something that is no result; is it of another version?');
    }
  }
}
