import { ForeignChildError } from '../children/foreign-child-error.ts';
import { isRefusal } from '../kubernetes/is-refusal.ts';
import { NatsUnavailableError } from '../nats/nats-unavailable-error.ts';
import type { Problem } from './conditions/run-condition.ts';

/** What somebody has to know of an error; undefined for one that another try may mend, such as a conflict. */
export function problemOf(error: unknown): Problem | undefined {
  if (error instanceof NatsUnavailableError) return { reason: 'NatsUnavailable', message: error.message };
  if (error instanceof ForeignChildError || isRefusal(error)) return { reason: 'ApplyFailed', message: error.message };
  return undefined;
}
