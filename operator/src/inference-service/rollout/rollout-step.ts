import type { holdReasons, rolloutPhases } from '@grm/resources';
import type { FailedRollout, Size } from './rollout-facts.ts';

export type RolloutPhase = (typeof rolloutPhases)[number];

export type HoldReason = (typeof holdReasons)[number];

/** Why a roll-out does not move just now. */
export interface Hold {
  readonly reason: HoldReason;
  readonly message: string;
}

/** What there is to be after this step. */
export interface RolloutStep {
  readonly phase: RolloutPhase;
  /** Revision that answers the service's subjects; absent before the first promotion. */
  readonly serving?: string;
  readonly candidate?: string;
  /** Revision that served before and still drains. */
  readonly previous?: string;
  /** Workers of each revision that is to exist. */
  readonly revisions: readonly { readonly name: string; readonly size: Size }[];
  /** Revisions whose objects and consumers go now: they have no pods and no work. */
  readonly remove: readonly string[];
  /** Revision for the voters' Deployment; absent: no voters yet. */
  readonly voter?: string;
  /** Revision that a voter of its own and the gate examine. */
  readonly gate?: string;
  readonly hold?: Hold;
  /** The revision given up, now or before. */
  readonly failed?: FailedRollout;
  /** When the clock alone may change the step, ms since the epoch. */
  readonly lookAgainAt?: number;
}
