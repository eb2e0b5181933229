import type { RunAddress, RunProgress } from '@grm/protocol';
import type { ProgressFact } from './progress/progress-fact.ts';

/** What came of asking a trainer to suspend. */
export type SuspendAnswer =
  /** It has saved what it can, and ends. Its progress says how: a run may come to its end first. */
  | { readonly kind: 'suspended'; readonly progress: RunProgress }
  /** No trainer listens: it has not come up yet, has died, or has no NATS. */
  | { readonly kind: 'nobody' }
  /** It took the request, and its step was not over in time. */
  | { readonly kind: 'late' };

/** What the operator does over NATS for a run. Every call ends in bounded time; without NATS it rejects at once with `NatsUnavailableError`. */
export interface RunNats {
  /** From memory. */
  progress(run: RunAddress): ProgressFact;
  /** @param waitMs how long the trainer may take */
  requestSuspend(run: RunAddress, waitMs: number, signal: AbortSignal): Promise<SuspendAnswer>;
  /** The work queue and the object store between a run's trainer and its samplers. Idempotent. */
  ensureRolloutTopology(run: RunAddress): Promise<void>;
  removeRolloutTopology(run: RunAddress): Promise<void>;
  removeProgress(run: RunAddress): Promise<void>;
  removeCheckpoints(run: RunAddress, bucket: string): Promise<void>;
}
