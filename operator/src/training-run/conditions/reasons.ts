import type { ConditionType } from '../status-types.ts';

/**
 * Every condition of a GRMTrainingRun with every reason that it may have. All are set by the operator, anew at each look; a condition that does not
 * apply is not there. `CheckpointSaved` and `KLWithinLimit` are the trainer's own words, passed on.
 */
export const reasons = {
  /** Whether the run may start. False: nothing is made for it. */
  Accepted: [
    /** True. */
    'Accepted',
    /** False. The operator does not understand the spec; it is of another version than the CRD. Install the same version of both. */
    'InvalidSpec',
    /** False. The run that this one starts from has not ended. Nothing to do. */
    'WaitingForRun',
    /** False. There is no run of the name in `spec.base.trainingRun`. Create it, or correct the name; both may be applied in any order. */
    'RunNotFound',
    /** False. The run that this one starts from failed, or left no policy. Start from another one. */
    'RunFailed',
  ],
  /** Whether the run's folder is there. Missing: it needs no volume, or none has been made yet. */
  StorageReady: [
    /** True. */
    'Bound',
    /** Unknown. No volume yet; many storage classes make one when the first pod needs it. For long: `kubectl describe pvc`. */
    'ClaimPending',
    /** False. The volume behind the claim is gone, and with it checkpoints that lay there. Restore it, or delete the run. */
    'ClaimLost',
  ],
  /** Whether the trainer has a node. Missing once the run has ended. */
  Scheduled: [
    /** True. */
    'Scheduled',
    /** Unknown. No pod, or the scheduler has not looked at it. */
    'WaitingForPod',
    /** False. No node has as many GPUs free. It starts when some are; the message says what the scheduler saw. */
    'InsufficientGPU',
    /** False. No node fits for another reason; the message is the scheduler's. */
    'Unschedulable',
    /** False. Kueue has not admitted the Job; `kubectl get workloads` says why. */
    'WaitingForQueue',
    /** False. It is suspended, and gives its place to others. */
    'Suspended',
  ],
  /** Whether somebody works on it. */
  Progressing: [
    /** True. A stage is under way; the message says which, and how far. */
    'StageRunning',
    /** Unknown. A trainer is on its way, and has not said anything yet. */
    'Starting',
    /** False. It may not start; see Accepted. */
    'NotAccepted',
    /** False. It has no node; see Scheduled. */
    'NotScheduled',
    /** False. The image of the trainer cannot be pulled; the message is the kubelet's. Correct the image or its pull secret. */
    'ImagePull',
    /** False. The container cannot be made, e.g. since a Secret or a volume that it mounts is missing. */
    'ContainerNotCreated',
    /** False. The trainer failed, and is to be started again; status.lastFailure says how. */
    'TrainerFailed',
    /** False. The trainer is silent. It is evicted at the end of spec.heartbeatDeadlineSeconds, and started again from its checkpoint. */
    'HeartbeatLost',
    /** False. The API server refuses what the run needs; the message says what. E.g. a quota, or a policy of the namespace. */
    'ApplyFailed',
    /** Unknown. NATS is away, so how far the run is cannot be known. It goes on. */
    'NatsUnavailable',
    /** Unknown. The trainer's word is not understood; trainer and operator are of different versions. */
    'ProgressUnreadable',
    /** False. */
    'Suspending',
    /** False. */
    'Suspended',
    /** False. It has ended; see Complete and Failed. */
    'Finished',
    /** False. It is being deleted. */
    'Deleting',
  ],
  /** Whether the newest checkpoint was written: what a trainer that is lost would cost. Missing: none was due yet. */
  CheckpointSaved: [
    /** True. */
    'Saved',
    /** False. The message says why; the stage goes on and tries again. Make room, or mend the store. */
    'CheckpointNotWritten',
  ],
  /** Whether the policy stays near its reference. Missing: it has not strayed. */
  KLWithinLimit: [
    /** False. It was taken back to a good checkpoint, with half the learning rate. A second time ends the run. */
    'RolledBack',
  ],
  /** Whether `spec.suspend` is in force. */
  Suspended: [
    /** True. Nothing of it runs; the message names the checkpoint that it goes on from. */
    'Suspended',
    /** False. The trainer saves, or ends. */
    'Suspending',
    /** False. */
    'NotSuspended',
  ],
  /** Whether all stages are done. */
  Complete: [
    /** True. */
    'StagesComplete',
    /** False. */
    'NotComplete',
    /** False, for good. */
    'Failed',
  ],
  /** Whether it has ended without being complete. For good: delete the run and create it again to try anew. */
  Failed: [
    /** True. Its trainer failed more often than `spec.backoffLimit` allows; lost nodes and evictions do not count. */
    'BackoffLimitExceeded',
    /** True. It took longer than `spec.activeDeadlineSeconds`; what was suspended meanwhile does not count. */
    'DeadlineExceeded',
    /** True. The trainer refuses the run (exit code 2), so that another try would not help: correct what the message names. */
    'InvalidRun',
    /** True. It failed otherwise. */
    'TrainerFailed',
    /** False. */
    'NotFailed',
  ],
  /** There only while the run is being deleted. */
  DeletionBlocked: [
    /** True. Its pods have not ended. Those on nodes that do not answer are given up half a minute after their grace is over. */
    'ReleasingPods',
    /** True. Its progress, checkpoints and queues are being removed from NATS, for half a minute at most. */
    'CleaningUp',
  ],
} as const satisfies Record<ConditionType, readonly string[]>;

export type Reason<Type extends ConditionType> = (typeof reasons)[Type][number];
export type FailedReason = Exclude<Reason<'Failed'>, 'NotFailed'>;
