/**
 * Fields of the design that nothing enforces yet. They are refused by name, never ignored: a manifest that is
 * accepted means what it says. `[]` stands for any index. A field leaves this list when it enters a schema.
 */
export const NOT_SUPPORTED_YET: Readonly<Record<string, readonly string[]>> = {
  GRMTrainingRun: [
    'spec.base.objectStore',
    'spec.base.trainingRun',
    'spec.base.volume.claimName',
    'spec.data[].objectStore',
    'spec.data[].volume.claimName',
    'spec.stages.pretrain.corpus.objectStore',
    'spec.stages.pretrain.corpus.volume.claimName',
    'spec.resources',
    'spec.queueName',
    'spec.ttlSecondsAfterFinished',
  ],
  GRMInferenceService: [
    'spec.model.objectStore',
    'spec.model.volume.claimName',
    'spec.metaRM.model.objectStore',
    'spec.metaRM.model.volume.claimName',
    'spec.sampler.engine.distributed',
    'spec.sampler.engine.openai',
    'spec.sampler.resources',
    'spec.sampler.nodePool',
    'spec.sampler.autoscaling',
    'spec.metaRM.resources',
    'spec.metaRM.nodePool',
    'spec.metaRM.autoscaling',
    'spec.voter.resources',
    'spec.voter.nodePool',
    'spec.voter.autoscaling',
    'spec.rollout',
  ],
};

/**
 * Fields of a GRMTrainingRun that nothing but `grmctl run plan` reads yet: what a run would cost elsewhere. A run that
 * is to be carried out is refused with them.
 */
export const PLANNED_ONLY: readonly (readonly [path: readonly string[], message: string])[] = [
  [['spec', 'engine', 'distributed'], 'not supported yet: only `grmctl run plan` reads it'],
  [['spec', 'nodePool'], 'not supported yet: only `grmctl run plan` reads it'],
];
