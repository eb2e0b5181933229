import { type Condition, conditionsOf } from '@grm/controller-runtime';

/** A condition as a decision gives it: without what only its history knows. */
export interface ConditionNow<Type extends string = string, Reason extends string = string> {
  readonly type: Type;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: Reason;
  readonly message: string;
}

/** A message longer than this is cut, in characters: the API allows 32,768, and nobody reads that much. */
const LONGEST_MESSAGE = 1_024;

/** Conditions with their times: `lastTransitionTime` changes with the status alone. What is not among `conditions` is gone. */
export function stampConditions(
  conditions: readonly ConditionNow[],
  before: readonly Condition[] | undefined,
  { now, generation }: { readonly now: Date; readonly generation: number },
): Condition[] {
  const facts = conditions.map(({ type, status, reason, message }) => ({
    type,
    status,
    reason,
    message: message.length <= LONGEST_MESSAGE ? message : `${message.slice(0, LONGEST_MESSAGE - 1)}…`,
    observedGeneration: generation,
  }));
  return conditionsOf(facts, before, now.getTime());
}
