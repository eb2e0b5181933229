import type { CallState } from '../background/call-state.ts';
import type { LiveClaim } from '../kubernetes/live-claim.ts';
import type { LiveDeployment } from '../kubernetes/live-deployment.ts';
import type { LiveJob } from '../kubernetes/live-job.ts';
import type { LivePod } from '../kubernetes/live-pod.ts';
import type { ProgressFact } from '../nats/progress/progress-fact.ts';
import type { SuspendAnswer } from '../nats/run-nats.ts';
import type { RunWishes } from './run-wishes.ts';
import type { TrainingRunStatus } from './status-types.ts';
import type { TrainingRunObject } from './training-run-object.ts';

/** The spec as this version understands it, or what is wrong with it. */
export type SpecFact = { readonly kind: 'valid'; readonly wishes: RunWishes } | { readonly kind: 'invalid'; readonly message: string };

/** The run that this one starts from. */
export type BaseRunFact =
  | { readonly kind: 'none' }
  | { readonly kind: 'missing'; readonly name: string }
  | { readonly kind: 'waiting'; readonly name: string; readonly phase: string }
  | { readonly kind: 'failed'; readonly name: string; readonly message: string }
  /** Complete, and has left a policy: `nats://bucket/key#digest`. */
  | { readonly kind: 'ready'; readonly name: string; readonly policy: string };

/** Everything that decisions about one run are made from, read at one moment. */
export interface RunFacts {
  readonly now: Date;
  readonly run: TrainingRunObject;
  /** As last written. */
  readonly status: TrainingRunStatus;
  readonly spec: SpecFact;
  readonly base: BaseRunFact;
  /** The Job as it would be made now; undefined where the spec is not understood. */
  readonly plannedJob: { readonly name: string; readonly image: string } | undefined;
  readonly job: LiveJob | undefined;
  /** The Job was made from another spec or image than a new one would be, so that it has to be made anew before it may start again. */
  readonly jobIsOutdated: boolean;
  /** Samplers of its own. */
  readonly rollouts: LiveDeployment | undefined;
  readonly claim: LiveClaim | undefined;
  /** Of the trainer, oldest first, those that have ended among them. */
  readonly pods: readonly LivePod[];
  readonly progress: ProgressFact;
  readonly suspendCall: CallState<SuspendAnswer>;
  readonly cleanUp: CallState<void>;
}
