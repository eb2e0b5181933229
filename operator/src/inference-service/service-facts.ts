import type { GateReport } from '@grm/protocol';
import type { GRMInferenceService, RolloutSpec } from '@grm/resources';
import type { LiveDeployment } from '../kubernetes/live-deployment.ts';
import type { LiveJob } from '../kubernetes/live-job.ts';
import type { WorkReading } from '../nats/service-nats.ts';
import type { ServiceChildren } from './facts/revision-facts.ts';
import type { InferenceServiceObject } from './inference-service-object.ts';
import type { ModelResolution, ResolvedModel } from './model/resolved-model.ts';

/** What is known of one service at the start of a reconcile. */
export interface ServiceFacts {
  /** ms since the epoch. */
  readonly now: number;
  readonly object: InferenceServiceObject;
  readonly service: GRMInferenceService;
  readonly rollout: RolloutSpec;
  readonly policy: ModelResolution;
  /** Absent where the service has no meta RM. */
  readonly metaRM?: ModelResolution;
  /** The revision that the spec asks for, once its models are there. */
  readonly desired?: DesiredRevision;
  readonly children: ServiceChildren;
  readonly jobs: readonly LiveJob[];
  readonly voters?: LiveDeployment;
  readonly nats: NatsFacts;
  /** Image that pods are made with: the one that the service was made with, until its spec changes. */
  readonly image: string;
}

export interface DesiredRevision {
  readonly name: string;
  readonly policy: ResolvedModel;
  readonly metaRM?: ResolvedModel;
}

export interface NatsFacts {
  readonly connected: boolean;
  /** Why the service's queue is not there; absent: it is. */
  readonly problem?: string;
  /** Of the serving revision, or of the first one. */
  readonly reading?: WorkReading;
  /** Whether revisions that do not serve are drained; those that NATS said nothing of are missing. */
  readonly drained: ReadonlyMap<string, boolean>;
  /** Of the desired revision. */
  readonly gateReport?: GateReport;
}
