import type { SoakHistory } from '../history.ts';

export interface RuleOptions {
  /** An answer may come this much after its deadline: it takes that long to find out, ms. */
  readonly graceMs: number;
  /** A fault explains errors until this long after it has healed: as long as it takes to work off a full queue, ms. */
  readonly backlogMs: number;
}

/** One promise. @returns what breaks it, in words, with the request's id where it is about one */
export interface Rule {
  readonly name: string;
  /** What is promised, for readers of the report. */
  readonly promise: string;
  readonly broken: (history: SoakHistory, options: RuleOptions) => readonly { readonly request?: string; readonly message: string }[];
}
