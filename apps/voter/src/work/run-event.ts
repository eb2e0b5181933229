import type { ErrorBody } from '@grm/protocol';

/** What may happen to any run of tasks, besides the answers to them. */
export type RunEvent =
  /** The connection was away for a while: answers may have been lost. */
  | { readonly kind: 'reconnected' }
  /** The same of one task. */
  | { readonly kind: 'answer-lost'; readonly taskId: string }
  | { readonly kind: 'deadline' }
  /** No result is wanted or possible any more. */
  | { readonly kind: 'abandoned'; readonly error: ErrorBody };

/** What a run's machine makes of an event. */
export interface RunStep<State, Action> {
  readonly state: State;
  readonly actions: readonly Action[];
}
