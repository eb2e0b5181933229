import { isModelAddress, type NatsUser, parseModelAddress } from '@grm/protocol';
import type { Party } from '@grm/workloads';

/** The user that the pods of a component, or the teams that ask a service, connect as. */
export interface ComponentUser {
  readonly component: Party;
  readonly user: NatsUser;
}

/** Object stores in which models lie, of those that lie in one. @param models URIs, as plans and statuses name them */
export function bucketsOf(models: readonly string[]): string[] {
  return [...new Set(models.filter(isModelAddress).map((model) => parseModelAddress(model).bucket))].toSorted();
}
