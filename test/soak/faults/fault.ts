import type { ErrorCode } from '@grm/protocol';

/** One thing that goes wrong once. */
export interface Fault {
  /** Does it, and says what was struck; undefined: there was nothing to strike. May take as long as the fault lasts. */
  strike(signal: AbortSignal): Promise<string | undefined>;
  /** Whether all is as it was before. Asked after the strike, again and again. */
  healed(): Promise<boolean>;
}

/** A kind of fault, by a name that users choose it with. */
export interface FaultKind {
  readonly name: string;
  /** What happens, in a line. */
  readonly about: string;
  /** Errors that a caller may get while one lasts: those that a retry within the deadline could not get past. */
  readonly explains: readonly ErrorCode[];
  /** @param choice a random 32-bit integer, to choose a target with */
  readonly prepare: (choice: number) => Fault;
}
