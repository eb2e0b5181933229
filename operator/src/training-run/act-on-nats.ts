import { keyOf } from '@grm/controller-runtime';
import type { ActedRun, ActTools } from './acted-run.ts';
import { callKey } from './call-key.ts';
import { CLEAN_UP_SECONDS, cleanUpRun } from './clean-up-run.ts';
import type { RunAction } from './run-action.ts';

const natsKinds = ['provision-rollouts', 'remove-rollout-topology', 'ask-to-suspend', 'forget-suspend-call', 'clean-up'] as const;

export type NatsAction = Extract<RunAction, { readonly kind: (typeof natsKinds)[number] }>;

export const isNatsAction = (action: RunAction): action is NatsAction => natsKinds.some((kind) => kind === action.kind);

/** A clean-up ends by itself and says what is left; this much later it is given up, ms. */
const LATE_MS = 15_000;

export async function actOnNats(action: NatsAction, { facts, object }: ActedRun, { nats, suspendCalls, cleanUps }: ActTools): Promise<void> {
  const { namespace, name } = keyOf(object);
  const run = { namespace, run: name };
  const call = callKey(object);
  switch (action.kind) {
    case 'provision-rollouts':
      return nats.ensureRolloutTopology(run);
    case 'remove-rollout-topology':
      return nats.removeRolloutTopology(run);
    case 'ask-to-suspend':
      suspendCalls.start(call, action.waitMs, (signal) => nats.requestSuspend(run, action.waitMs, signal));
      return;
    case 'forget-suspend-call':
      return suspendCalls.forget(call);
    case 'clean-up': {
      const bucket = facts.spec.kind === 'valid' ? facts.spec.wishes.checkpointBucket : undefined;
      cleanUps.start(call, CLEAN_UP_SECONDS * 1000 + LATE_MS, (signal) => cleanUpRun({ nats, run, bucket, signal }));
      return;
    }
  }
}
