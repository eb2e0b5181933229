export { SERVICE_DEFAULTS, TRAINING_DEFAULTS } from './defaults.ts';
export {
  type GRMInferenceService,
  grmInferenceService,
  type InferenceServiceSpec,
  type ServiceWorker,
} from './grm-inference-service.ts';
export {
  type GRMTrainingRun,
  grmTrainingRun,
  type ModelShape,
  type TrainingRunSpec,
} from './grm-training-run.ts';
export { ManifestError, type ManifestIssue } from './manifest-error.ts';
export type { BaseModel, CheckpointStoreSource, CorpusSource, Dataset, ModelSource } from './model-source.ts';
export { mapRunSources, type ResolveSource, type RunSource } from './map-run-sources.ts';
export { NOT_SUPPORTED_YET } from './not-supported-yet.ts';
export { parseManifests, resourceKey } from './parse-manifests.ts';
export { type GRMResource, parseResource, type Purpose, type ResourceIssue, type ResourceResult } from './parse-resource.ts';
export { compareQuantities } from './quantity.ts';
export { API_VERSION, type ResourceMetadata } from './resource-metadata.ts';
export type { Template } from './template.ts';
export { trainedSpec } from './trained-spec.ts';
export type { EvaluationStage, GRPOStage, MetaRMStage, PretrainStage, RFTStage } from './training-stages.ts';
export { crdText } from './crd/crd-text.ts';
export type { CustomResourceDefinition } from './crd/custom-resource-definition.ts';
export { customResourceDefinitions } from './crd/kinds.ts';
export type { Resources } from './placement.ts';
export type { Autoscaling } from './service-autoscaling.ts';
export type { EmbeddedEngine, EngineDialect, EngineServer, OpenAIEngine, ServiceEngine } from './service-engine.ts';
export { defaultRollout, type RolloutSpec } from './service-rollout.ts';
export { type GRMInferenceServiceStatus, grmInferenceServiceStatus, holdReasons, rolloutPhases } from './status/inference-service-status.ts';
export { type GRMTrainingRunStatus, grmTrainingRunStatus, runPhases } from './status/training-run-status.ts';
