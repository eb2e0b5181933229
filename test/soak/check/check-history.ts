import type { SoakHistory } from '../history.ts';
import { allHeals } from './all-heals.ts';
import { errorsAreExplained } from './errors-are-explained.ts';
import { everyCallEnds } from './every-call-ends.ts';
import { nothingLeft } from './nothing-left.ts';
import { oneAnswerAnAttempt } from './one-answer-an-attempt.ts';
import { oneVerdictAnId } from './one-verdict-an-id.ts';
import type { Rule, RuleOptions } from './rule.ts';
import { sameVerdict } from './same-verdict.ts';
import type { Violation } from './violation.ts';

/** What a service promises, whatever befalls it. */
export const rules: readonly Rule[] = [everyCallEnds, errorsAreExplained, oneVerdictAnId, sameVerdict, oneAnswerAnAttempt, allHeals, nothingLeft];

/** Everything in a history that breaks a promise; empty: all were kept. */
export function checkHistory(history: SoakHistory, options: RuleOptions): Violation[] {
  return rules.flatMap(({ name, broken }) => broken(history, options).map((one) => ({ rule: name, ...one })));
}
