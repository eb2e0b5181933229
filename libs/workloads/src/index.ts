export { childName, type Component, metadataOf, type Party, revisionLabel, selectorOf } from './component.ts';
export { fittingName } from './fitting-name.ts';
export type {
  ConfigMap,
  Container,
  Deployment,
  Job,
  KubernetesObject,
  NetworkPolicy,
  ObjectMetadata,
  PersistentVolumeClaim,
  PodDisruptionBudget,
  PodTemplate,
  Service,
  ServiceAccount,
  Volume,
  VolumeMount,
} from './kubernetes-objects.ts';
export { childIsCurrent, hasSamePlan, stamped } from './child-is-current.ts';
export { nameOf, referenceOf } from './model-reference.ts';
export { planCandidate, planGate, planInferenceService, planServiceRevision, planServiceSurroundings, planVoters, type RevisionPlan } from './plan-inference-service.ts';
export { networkPolicy, serviceAccount } from './plan-surroundings.ts';
export { planRunStorage, planTrainingRun } from './plan-training-run.ts';
export { planWorkloads } from './plan-workloads.ts';
export { type GpuPool, type Placement, type PodDefaults, type Toleration, usualPods } from './pod-defaults.ts';
export type { Place, Reference, RunName, Site } from './site.ts';
