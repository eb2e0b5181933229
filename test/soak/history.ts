import type { ErrorCode } from '@grm/protocol';

/** All times are milliseconds since the soak began, by one monotonic clock. */
export type Moment = number;

/** What a request ended in. */
export type Outcome =
  | {
      readonly kind: 'verdict';
      /** Canonical JSON of all of the verdict that is about the question: neither its id nor how long it took. */
      readonly substance: string;
      /** Revision of the model that judged. */
      readonly revision: string;
    }
  /** `code` is one of the table, unless something is wrong. */
  | { readonly kind: 'error'; readonly code: string; readonly message: string };

/**
 * `load`: the steady requests. `repeat`: one of them again, under the same id, as a user does who is not sure. `burst`: more at once than the queue holds.
 * `replay`: asked again after the soak, when nothing disturbs.
 */
export type Purpose = 'load' | 'repeat' | 'burst' | 'replay';

/** One call of a client: it may have sent several requests, all under one id. */
export interface Call {
  readonly request: string;
  /** Digest of what was asked, seed included: the same for the same question, whatever the id. */
  readonly question: string;
  readonly purpose: Purpose;
  readonly askedAt: Moment;
  readonly deadline: Moment;
  /** Absent: the call has not returned. */
  readonly end?: { readonly at: Moment; readonly outcome: Outcome };
}

/** What an onlooker on the wire heard of the requests. */
export type Heard =
  | { readonly kind: 'asked'; readonly at: Moment; readonly request: string }
  | { readonly kind: 'answered'; readonly at: Moment; readonly request: string; readonly outcome: Outcome };

export interface Span {
  readonly from: Moment;
  readonly to: Moment;
}

export interface StruckFault {
  readonly name: string;
  /** What was struck, in words: `soak-sampler-1`. */
  readonly target: string;
  readonly struckAt: Moment;
  /** When everything ran again as it should; absent: never. */
  readonly healedAt?: Moment;
  /** Errors that a caller may get while it lasts. */
  readonly explains: readonly ErrorCode[];
}

export interface DeadLetter {
  readonly sequence: number;
  /** Names of the headers that say where it came from, and why, and that it lacks. */
  readonly missing: readonly string[];
  readonly reason: string;
}

/** What is left when all calls have returned. */
export interface Closing {
  readonly queues: readonly { readonly name: string; readonly tasks: number }[];
  readonly deadLetters: readonly DeadLetter[];
}

/** What happened in a soak: all that the checker knows. */
export interface SoakHistory {
  readonly durationMs: number;
  readonly calls: readonly Call[];
  readonly heard: readonly Heard[];
  /** When the onlooker was not connected. */
  readonly deaf: readonly Span[];
  readonly faults: readonly StruckFault[];
  readonly closing: Closing;
}
