/**
 * Fields of the design that nothing enforces yet. They are refused by name, never ignored: a manifest that is
 * accepted means what it says. `[]` stands for any index. A field leaves this list when it enters a schema.
 */
export const NOT_SUPPORTED_YET: Readonly<Record<string, readonly string[]>> = {
  GRMTrainingRun: ['spec.data[].objectStore', 'spec.stages.pretrain.corpus.objectStore'],
  GRMInferenceService: ['spec.sampler.engine.distributed', 'spec.voter.nodePool', 'spec.voter.autoscaling'],
};

/** Fields of a GRMTrainingRun that nothing but `grmctl run plan` reads yet: what a run would cost elsewhere. A run that is to be carried out is refused with them. */
export const PLANNED_ONLY: readonly string[] = ['spec.engine.distributed'];

/**
 * Fields that mean something only where the operator and a scheduler are; `[]` stands for any index. On one machine they are refused.
 * `resources` is none of them: it says what a pod asks of a node that others use too, and the processes of one machine ask for nothing.
 */
export const CLUSTER_ONLY: Readonly<Record<string, readonly string[]>> = {
  GRMTrainingRun: [
    'spec.nodePool',
    'spec.storage',
    'spec.queueName',
    'spec.heartbeatDeadlineSeconds',
    'spec.suspendDeadlineSeconds',
    'spec.ttlSecondsAfterFinished',
    'spec.base.volume.claimName',
    'spec.data[].volume.claimName',
    'spec.checkpoint.to.volume.claimName',
    'spec.stages.pretrain.corpus.volume.claimName',
    'spec.stages.rft.kept.volume.claimName',
    'spec.stages.rft.general.corpus.volume.claimName',
    'spec.stages.grpo.filter.model.volume.claimName',
    'spec.stages.evaluation.suites[].volume.claimName',
  ],
  GRMInferenceService: [
    'spec.model.volume.claimName',
    'spec.metaRM.model.volume.claimName',
    'spec.sampler.engine.openAI.server',
    'spec.sampler.engine.openAI.apiKeySecret',
    'spec.sampler.nodePool',
    'spec.sampler.autoscaling',
    'spec.metaRM.engine.openAI.server',
    'spec.metaRM.engine.openAI.apiKeySecret',
    'spec.metaRM.nodePool',
    'spec.metaRM.autoscaling',
    'spec.rollout',
    'spec.drainSeconds',
  ],
};
