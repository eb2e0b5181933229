import type { RolloutSuccess, RolloutTask } from '@grm/protocol';

/** A task that somebody waits for. */
export interface WaitingTask {
  readonly task: RolloutTask;
  readonly payload: string;
  readonly answered: (result: RolloutSuccess) => void;
  readonly failed: (error: unknown) => void;
  /** Aborts when nobody waits any more. */
  readonly left: AbortSignal;
  isAnswered: boolean;
  /** Times that it was put into the queue. */
  attempt: number;
  /** Where it lies in the stream; undefined while it is being put there. */
  sequence: number | undefined;
  /** Looks in a row that found it gone without an answer. */
  missing: number;
}
