import { grmInferenceService } from '../grm-inference-service.ts';
import { grmTrainingRun } from '../grm-training-run.ts';
import { grmInferenceServiceStatus } from '../status/inference-service-status.ts';
import { grmTrainingRunStatus } from '../status/training-run-status.ts';
import { type CustomResourceDefinition, customResourceDefinition, type KindDescription } from './custom-resource-definition.ts';

const readyReason = (type: string) => `.status.conditions[?(@.type=="${type}")].reason`;
const readyStatus = (type: string) => `.status.conditions[?(@.type=="${type}")].status`;

/** What a run trains from, and how; not how it is carried out. */
const trained = ['base', 'model', 'data', 'stages', 'template', 'principles', 'referenceGuided', 'seed'];
const unchanged = (field: string) => `has(self.spec.${field}) == has(oldSelf.spec.${field}) && (!has(self.spec.${field}) || self.spec.${field} == oldSelf.spec.${field})`;
const started = 'has(oldSelf.status) && has(oldSelf.status.startedAt)';
const finished = "has(oldSelf.status) && has(oldSelf.status.conditions) && oldSelf.status.conditions.exists(c, c.type in ['Complete', 'Failed'] && c.status == 'True')";
/** Everything of the spec that a finished run keeps. */
const settled = [...trained, 'checkpoint', 'artifacts', 'engine', 'rollouts', 'nodePool', 'resources', 'storage', 'queueName', 'suspend', 'backoffLimit', 'activeDeadlineSeconds', 'heartbeatDeadlineSeconds', 'suspendDeadlineSeconds'];

const trainingRun: KindDescription = {
  kind: 'GRMTrainingRun',
  plural: 'grmtrainingruns',
  shortName: 'grmrun',
  description: 'A run that trains a judge: a language model that writes criteria, a critique and scores.',
  spec: grmTrainingRun.shape.spec,
  status: grmTrainingRunStatus,
  rules: [
    { rule: `!(${started}) || (${trained.map(unchanged).join(' && ')})`, message: `a run that has started keeps ${trained.join(', ')}: delete it and apply it anew, or give it another name` },
    { rule: `!(${finished}) || (${settled.map(unchanged).join(' && ')})`, message: 'a finished run keeps its spec but for ttlSecondsAfterFinished: delete it and apply it anew, or give it another name' },
    { rule: `!(${started}) || (${['storage', 'queueName'].map(unchanged).join(' && ')})`, message: 'a run that has started keeps storage and queueName' },
  ],
  columns: [
    { name: 'Phase', type: 'string', jsonPath: '.status.phase' },
    { name: 'Stage', type: 'string', jsonPath: '.status.stage' },
    { name: 'Step', type: 'string', jsonPath: '.status.progress' },
    { name: 'Checkpoint', type: 'integer', jsonPath: '.status.checkpoint.step', description: 'Step of the newest durable state' },
    { name: 'Accuracy', type: 'string', jsonPath: '.status.accuracy' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
    { name: 'Restarts', type: 'integer', jsonPath: '.status.restarts', priority: 1 },
    { name: 'Reason', type: 'string', jsonPath: readyReason('Progressing'), priority: 1 },
    { name: 'Pod', type: 'string', jsonPath: '.status.trainer.pod', priority: 1 },
  ],
};

const inferenceService: KindDescription = {
  kind: 'GRMInferenceService',
  plural: 'grminferenceservices',
  shortName: 'grmsvc',
  description: 'A judge that answers over NATS: samplers, a meta reward model and voters.',
  spec: grmInferenceService.shape.spec,
  status: grmInferenceServiceStatus,
  rules: [],
  columns: [
    { name: 'Ready', type: 'string', jsonPath: readyStatus('Ready') },
    { name: 'Reason', type: 'string', jsonPath: readyReason('Ready') },
    { name: 'Model', type: 'string', jsonPath: '.status.model.name' },
    { name: 'Serving', type: 'string', jsonPath: '.status.rollout.serving', description: 'Revision that answers' },
    { name: 'Samplers', type: 'integer', jsonPath: '.status.sampler.ready', description: 'Samplers that answer' },
    { name: 'Wanted', type: 'integer', jsonPath: '.status.sampler.replicas' },
    { name: 'Backlog', type: 'integer', jsonPath: '.status.scaling.backlog', description: 'Samples that wait or are being drawn' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
    { name: 'Rollout', type: 'string', jsonPath: '.status.rollout.phase', priority: 1 },
    { name: 'Hold', type: 'string', jsonPath: '.status.rollout.hold.reason', priority: 1 },
    { name: 'Judge', type: 'string', jsonPath: '.status.endpoints.judge', priority: 1 },
  ],
  scale: { specReplicasPath: '.spec.sampler.replicas', statusReplicasPath: '.status.sampler.replicas', labelSelectorPath: '.status.sampler.selector' },
};

/** Both kinds as the API server takes them, by the name of their file. */
export function customResourceDefinitions(): ReadonlyMap<string, CustomResourceDefinition> {
  return new Map([trainingRun, inferenceService].map((kind) => [`grm.dev_${kind.plural}.yaml`, customResourceDefinition(kind)]));
}
