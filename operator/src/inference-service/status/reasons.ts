/**
 * The conditions of a GRMInferenceService, all set by the operator and computed afresh at each reconcile.
 * docs/operator.md has them as a table: each with its reasons, and what to do.
 */
export const serviceConditionTypes = ['ModelResolved', 'QueueReady', 'SamplerReady', 'MetaRMReady', 'VoterReady', 'ScalingActive', 'Promoted', 'Ready', 'DeletionBlocked'] as const;
export type ServiceConditionType = (typeof serviceConditionTypes)[number];

/** Reasons of each condition. */
export const serviceReasons = {
  /** Whether the models that the spec names are there. */
  ModelResolved: ['Resolved', 'WaitingForRun', 'RunNotFound', 'RunFailed', 'ArtifactMissing', 'InvalidSpec'],
  /** Whether the service's queue is there. Unknown while NATS is away. */
  QueueReady: ['Ready', 'NatsUnavailable', 'NatsRefused', 'WaitingForModel'],
  /** Whether the serving revision's samplers answer. Unknown before there are any. */
  SamplerReady: ['AllReady', 'SomeReady', 'ScaledToZero', 'Starting', 'InsufficientGPU', 'Unschedulable', 'ImagePull', 'CrashLoop', 'ModelNotLoaded', 'FieldConflict', 'NotMade'],
  /** As SamplerReady; absent without a meta RM. */
  MetaRMReady: ['AllReady', 'SomeReady', 'ScaledToZero', 'Starting', 'InsufficientGPU', 'Unschedulable', 'ImagePull', 'CrashLoop', 'ModelNotLoaded', 'FieldConflict', 'NotMade'],
  /** As SamplerReady, for voters. */
  VoterReady: ['AllReady', 'SomeReady', 'Starting', 'InsufficientGPU', 'Unschedulable', 'ImagePull', 'CrashLoop', 'ModelNotLoaded', 'FieldConflict', 'NotMade'],
  /** Whether replicas follow what waits; absent where nothing scales the service and nobody else has taken its replicas. */
  ScalingActive: ['Following', 'BacklogUnknown', 'RateUnknown', 'ReplicasOwnedElsewhere'],
  /** Whether the revision that the spec asks for is the one that answers. */
  Promoted: ['Serving', 'Starting', 'Gating', 'Promoting', 'Retiring', 'RollingBack', 'GivenUp', 'WaitingForModel'],
  /** Whether the service answers: all of the above but ScalingActive and Promoted. */
  Ready: ['Ready', 'InvalidSpec'],
  /** Why a service that is being deleted is still there. */
  DeletionBlocked: ['StoppingPods', 'CleaningUpNats'],
} as const satisfies Readonly<Record<ServiceConditionType, readonly string[]>>;
