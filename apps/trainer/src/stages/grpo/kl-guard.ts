import type { GRPOStage } from '@grm/resources';

/** What the guard remembers; saved with the stage. */
export interface GuardState {
  /** Steps in a row above the limit. */
  readonly above: number;
  readonly rollbacks: number;
  /** KL of the last steps, nats per token, newest last: the evidence. */
  readonly recent: readonly number[];
}

export const calmGuard: GuardState = { above: 0, rollbacks: 0, recent: [] };

/** KL values that are kept as evidence. */
const remembered = 20;

export type GuardVerdict = 'within' | 'above' | 'roll-back' | 'fail';

/**
 * Watches how far the policy is from its reference. Above the limit for `patience` steps in a row is a breach: the first one is
 * answered by going back, any further one, or the first where the action says so, ends the stage.
 * @param kl of the step just done, nats per token
 */
export function watchKl(state: GuardState, kl: number, { limit, patience, action }: GRPOStage['klGuard']): { readonly state: GuardState; readonly verdict: GuardVerdict } {
  const recent = [...state.recent, kl].slice(-remembered);
  if (!(kl > limit)) return { state: { ...state, above: 0, recent }, verdict: 'within' };
  const above = state.above + 1;
  if (above < patience) return { state: { ...state, above, recent }, verdict: 'above' };
  if (action === 'Fail' || state.rollbacks > 0) return { state: { ...state, above, recent }, verdict: 'fail' };
  return { state: { above: 0, rollbacks: state.rollbacks + 1, recent }, verdict: 'roll-back' };
}
