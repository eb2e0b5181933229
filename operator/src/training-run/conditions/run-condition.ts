import type { ConditionNow } from '../../status/stamp-conditions.ts';
import type { RunDecision } from '../decide-run.ts';
import type { RunFacts } from '../run-facts.ts';
import type { ConditionType } from '../status-types.ts';
import type { Reason } from './reasons.ts';

/** One condition as it is now. */
export type RunConditionNow = { [Type in ConditionType]: ConditionNow<Type, Reason<Type>> }[ConditionType];

/** Something that the API server, or NATS, would not do. */
export interface Problem {
  readonly reason: 'ApplyFailed' | 'NatsUnavailable';
  readonly message: string;
}

/** What conditions are computed from. */
export interface StatusInput {
  readonly facts: RunFacts;
  readonly decision: RunDecision;
  /** What went wrong with the decision's actions. */
  readonly problem?: Problem;
}

/** The condition of one type as it is now; undefined where it does not apply. */
export type ConditionOf = (input: StatusInput) => RunConditionNow | undefined;

export function condition<Type extends ConditionType>(type: Type, status: ConditionNow['status'], reason: Reason<Type>, message: string): ConditionNow<Type, Reason<Type>> {
  return { type, status, reason, message };
}
