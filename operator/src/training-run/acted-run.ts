import type { KubernetesObject } from '@grm/controller-runtime';
import type { BackgroundCalls } from '../background/background-calls.ts';
import type { ChildCache } from '../children/child-cache.ts';
import type { KubernetesClient } from '../kubernetes/kubernetes-client.ts';
import type { RunNats, SuspendAnswer } from '../nats/run-nats.ts';
import type { PlannedRun } from './planned-run.ts';
import type { RunFacts } from './run-facts.ts';
import type { TrainingRunObject } from './training-run-object.ts';

/** With what runs are acted upon. */
export interface ActTools {
  readonly client: KubernetesClient;
  readonly nats: RunNats;
  readonly suspendCalls: BackgroundCalls<SuspendAnswer>;
  readonly cleanUps: BackgroundCalls<void>;
  readonly children: Pick<ChildCache, 'live' | 'wrote' | 'staleFor'>;
  /** Whether a live child holds all that is planned. */
  readonly isCurrent: (live: KubernetesObject, planned: KubernetesObject) => boolean;
}

/** A run that is acted upon. */
export interface ActedRun {
  readonly facts: RunFacts;
  readonly planned: PlannedRun | undefined;
  /** Its newest version: changes with what is written. */
  object: TrainingRunObject;
}
