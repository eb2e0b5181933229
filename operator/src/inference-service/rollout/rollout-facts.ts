import type { HoldReason } from './rollout-step.ts';

/** Why a revision's pods do not come up, as their own status says. */
export interface Trouble {
  readonly reason: 'InsufficientGPU' | 'Unschedulable' | 'ImagePull' | 'CrashLoop' | 'ModelNotLoaded';
  readonly message: string;
}

/** The pods of one component in one revision. */
export interface ComponentFacts {
  /** Replicas that its Deployment asks for now. */
  readonly wanted: number;
  /** Pods that exist, stopping ones included: a pod that drains still holds its GPUs. */
  readonly pods: number;
  /** Pods that answer. */
  readonly ready: number;
  readonly trouble?: Trouble;
}

export const noWorkers: ComponentFacts = { wanted: 0, pods: 0, ready: 0 };

export interface RevisionFacts {
  readonly name: string;
  readonly sampler: ComponentFacts;
  readonly metaRM?: ComponentFacts;
  /** When it last got further, ms since the epoch: made, or a pod of it found a node. */
  readonly progressedAt: number;
  /** Whether no task of it waits or is being worked on; undefined: NATS did not say. */
  readonly drained?: boolean;
}

/** What the gate found of the candidate. */
export type GateFacts =
  /** `error`: why its last attempt could not judge. */
  | { readonly state: 'Running'; readonly startedAt?: number; readonly error?: string }
  | { readonly state: 'Passed'; readonly message: string }
  | { readonly state: 'Failed'; readonly message: string };

export interface VoterFacts {
  /** Revision that the voters' Deployment names: the serving one. */
  readonly revision: string;
  /** Whether every voter pod is of that revision, and those before it are gone. */
  readonly settled: boolean;
  readonly ready: number;
}

/** How many workers a revision that serves alone is to have. */
export interface Size {
  readonly sampler: number;
  readonly metaRM?: number;
}

export interface RolloutSettings {
  readonly maxSurge: number;
  readonly maxUnavailable: number;
  readonly progressDeadlineSeconds: number;
  readonly gate?: { readonly deadlineSeconds: number };
}

/** A revision that was given up, and why; it is not tried again until the revision or the roll-out's settings change. */
export interface FailedRollout {
  readonly revision: string;
  readonly reason: HoldReason;
  readonly message: string;
  readonly at: string;
  /** Digest of the settings that it failed under. */
  readonly settings: string;
}

/** Everything that the next step of a roll-out depends on: observed, never remembered, but for `failed`. */
export interface RolloutFacts {
  /** ms since the epoch. */
  readonly now: number;
  /** The revision that the spec asks for. */
  readonly desired: string;
  readonly size: Size;
  readonly settings: RolloutSettings;
  readonly settingsDigest: string;
  readonly revisions: readonly RevisionFacts[];
  /** Absent before the first promotion. */
  readonly voter?: VoterFacts;
  /** Of the desired revision; absent: no report yet, and no gate runs. */
  readonly gate?: GateFacts;
  readonly failed?: FailedRollout;
}
