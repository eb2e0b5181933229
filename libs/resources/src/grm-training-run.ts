import { z } from 'zod';
import { TRAINING_DEFAULTS as defaults } from './defaults.ts';
import { exactlyOne } from './exactly-one.ts';
import { documented, listed } from './kubernetes-schema.ts';
import { baseModel, checkpointStore, dataset } from './model-source.ts';
import { gpuProduct, resources } from './placement.ts';
import { API_VERSION, resourceMetadata, resourceName } from './resource-metadata.ts';
import { runRules, shapeRules, someStage } from './training-run-rules.ts';
import { template } from './template.ts';
import { evaluationStage, grpoStage, metaRMStage, pretrainStage, rftStage } from './training-stages.ts';

const count = z.number().int().positive();

/** Shape of a decoder trained from scratch (Llama architecture: RMSNorm, RoPE, SwiGLU). */
const modelShape = documented(z
  .strictObject({
    architecture: z.literal('llama').default('llama').describe('RMSNorm, RoPE, SwiGLU.'),
    hiddenSize: count.max(8192).describe('Width of the residual stream.'),
    layers: count.max(128).describe('Blocks.'),
    heads: count.max(128).describe('Query heads of a block.'),
    keyValueHeads: z.exactOptional(count).describe('Fewer than `heads` for grouped-query attention. Default: `heads`.'),
    intermediateSize: count.max(65_536).describe('Width of the feed-forward layers.'),
    vocabularySize: z.number().int().min(300).max(262_144).describe('Pieces of the tokenizer that is trained on the corpus; a small corpus may give fewer.'),
    contextLength: count.max(131_072).default(defaults.model.contextLength).describe('Longest prompt and judgement together, in tokens.'),
    tiedEmbeddings: z.boolean().default(defaults.model.tiedEmbeddings).describe('Whether the output head shares the weights of the embedding.'),
  })
  .superRefine((model, context) => {
    if (model.hiddenSize % (2 * model.heads) !== 0) {
      const message = `hiddenSize ${model.hiddenSize} must be a multiple of twice the ${model.heads} heads, because rotary embeddings turn pairs`;
      context.addIssue({ code: 'custom', path: ['hiddenSize'], message });
    }
    if (model.keyValueHeads !== undefined && model.heads % model.keyValueHeads !== 0) {
      const message = `keyValueHeads ${model.keyValueHeads} must divide heads ${model.heads}`;
      context.addIssue({ code: 'custom', path: ['keyValueHeads'], message });
    }
  }),
  'Shape of a decoder trained from scratch (Llama architecture).',
  ...shapeRules,
);

const embeddedEngine = z.strictObject({
  threads: count.max(256).default(defaults.threads).describe('CPU threads of the trainer.'),
  device: z.literal('cpu').default('cpu').describe('Where the model computes.'),
});

/** Big models: torchrun over the GPUs of a node pool. */
const distributedEngine = z.strictObject({ nodes: count.describe('Nodes that torchrun spans.') });

const nodePool = z.strictObject({
  gpuProduct,
  gpusPerNode: count.max(64).describe('Whole GPUs of the trainer.'),
});

const stages = z.strictObject({
  pretrain: z.exactOptional(pretrainStage).describe('Language modelling on a corpus.'),
  rft: z.exactOptional(rftStage).describe('Rejective fine-tuning: judgements that put the labelled best first are learnt from.'),
  grpo: z.exactOptional(grpoStage).describe('Rule-based online reinforcement learning: GRPO with +1 for a right judgement, -1 for any other.'),
  metaRM: z.exactOptional(metaRMStage).describe('A scalar head that tells sound judgements from unsound ones.'),
  evaluation: z.exactOptional(evaluationStage).describe('How good the judge is, on items that no stage has trained on.'),
});

/** The state of a stage, saved so that a run that was killed ends as if it had not been. */
const checkpoint = z.strictObject({
  everySteps: count.default(defaults.checkpoint.everySteps).describe('Optimizer steps between two checkpoints.'),
  keep: z.number().int().min(2).max(1000).default(defaults.checkpoint.keep).describe('Newest ones kept. At least two, so that one is left when the newest is damaged.'),
  to: z.exactOptional(checkpointStore).describe("Default: the run's own folder."),
});

/** Sampler processes that draw the judgements of rft and grpo. With none the trainer draws them itself. */
const rollouts = z.strictObject({
  replicas: z.number().int().min(0).max(1000).default(defaults.rollouts.replicas).describe('Sampler processes.'),
  threads: count.max(256).default(defaults.rollouts.threads).describe('CPU threads of one of them.'),
});

const storage = z.strictObject({
  size: z.string().max(32).regex(/^([0-9]*[1-9][0-9]*(\.[0-9]+)?|0+\.[0-9]*[1-9][0-9]*)(Ki|Mi|Gi|Ti)$/, 'a size such as 10Gi').default(defaults.storage.size).describe('Size of the claim.'),
  storageClassName: z.exactOptional(z.string().max(253).regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/, 'lower-case letters, digits, "-" and "." only, as classes are named')).describe("Default: the cluster's."),
  accessMode: z.enum(['ReadWriteOnce', 'ReadWriteMany']).default(defaults.storage.accessMode).describe('ReadWriteMany where pods on several nodes are to read it.'),
});

const artifacts = z.strictObject({
  to: exactlyOne({ objectStore: documented(z.strictObject({ bucket: documented(resourceName, 'Bucket of a NATS object store.') }), 'A NATS object store.') }).describe('Where to.'),
});

type Fault = (path: readonly (string | number)[], message: string) => void;

type Stages = z.output<typeof stages>;

/** Where a run starts from: a base, or a model from scratch, which has to be pretrained. */
function checkStart(run: { readonly base?: unknown; readonly model?: unknown; readonly stages: Stages }, fault: Fault): void {
  if (run.base !== undefined && run.model !== undefined) {
    fault(['model'], 'model describes a model from scratch, so it cannot stand beside base; remove one of them');
  }
  if (run.base === undefined && run.model === undefined) {
    fault([], 'either base (a model to start from) or model (the shape of one to train from scratch) is needed');
  }
  if (run.model !== undefined && run.stages.pretrain === undefined) fault(['stages'], 'a model from scratch needs the stage pretrain');
}

function checkStages(run: { readonly stages: Stages; readonly data: readonly unknown[] }, fault: Fault): void {
  if (Object.values(run.stages).every((stage) => stage === undefined)) {
    fault(['stages'], 'at least one stage is needed: pretrain, rft, grpo, metaRM, evaluation');
  }
  const asking = (['rft', 'grpo', 'metaRM'] as const).find((name) => run.stages[name] !== undefined);
  if (asking !== undefined && run.data.length === 0) {
    fault(['data'], `the stage ${asking} needs preference items; add e.g. {name: pairs, builtin: nanobench}`);
  }
}

function checkNames(run: { readonly stages: Stages; readonly data: readonly { readonly name: string }[] }, fault: Fault): void {
  const repeated = (named: readonly { readonly name: string }[]): [number, string][] =>
    named.flatMap(({ name }, index) => (named.findIndex((other) => other.name === name) < index ? [[index, name]] : []));
  for (const [index, name] of repeated(run.data)) fault(['data', index, 'name'], `a second dataset is called ${name}`);
  for (const [index, name] of repeated(run.stages.evaluation?.suites ?? [])) {
    fault(['stages', 'evaluation', 'suites', index, 'name'], `a second suite is called ${name}`);
  }
}

const spec = documented(z
  .strictObject({
    base: z.exactOptional(baseModel).describe('Absent: a model of the shape `model` is trained from scratch.'),
    model: z.exactOptional(modelShape).describe('Shape of a decoder trained from scratch, in place of a base.'),
    template: template.default(defaults.template).describe('How the judge is prompted: Compact for small judges, Published for general chat models.'),
    data: listed(z.array(dataset).max(64).default([]), ['name']).describe('Preference items that the stages learn from.'),
    stages: documented(stages, 'What is done, in this order: pretrain, rft, grpo, metaRM, evaluation.', someStage),
    checkpoint: checkpoint.prefault({}).describe('The state of a stage, saved so that a run that was killed ends as if it had not been.'),
    artifacts: z.exactOptional(artifacts).describe("Where the run's models go besides its own folder. On a cluster, services fetch them from there."),
    engine: z
      .strictObject({ embedded: embeddedEngine.prefault({}).describe('The engine inside the trainer.'), distributed: z.exactOptional(distributedEngine).describe('Big models: torchrun over the GPUs of a node pool.') })
      .prefault({})
      .describe('What computes.'),
    rollouts: rollouts.prefault({}).describe('Sampler processes that draw the judgements of rft and grpo. With none the trainer draws them itself.'),
    nodePool: z.exactOptional(nodePool).describe('GPUs that the trainer runs on. Absent: CPU.'),
    resources: z.exactOptional(resources).describe('CPU and memory of the trainer. Default: what its engine keeps busy.'),
    storage: z.exactOptional(storage).describe("The PersistentVolumeClaim of the run's folder. Default: 10Gi, ReadWriteOnce."),
    queueName: z.exactOptional(resourceName).describe('LocalQueue of Kueue that the run waits in; the run starts when Kueue lets it.'),
    principles: z.boolean().default(true).describe('False: the judge is trained and asked without criteria of its own. For measuring what they bring.'),
    referenceGuided: z.boolean().default(false).describe("Show the judge an item's reference answer in training, where it has one."),
    suspend: z.boolean().default(false).describe('True: checkpoint and stop; false again: go on.'),
    seed: z.number().int().min(0).max(0xffff_ffff).default(defaults.seed).describe('Unsigned 32-bit; every stage derives its own streams from it.'),
    backoffLimit: z.number().int().min(0).max(100).default(defaults.backoffLimit).describe('Times that a failed run is started again.'),
    heartbeatDeadlineSeconds: z.exactOptional(z.number().int().min(30).max(86_400)).describe(`A trainer that is silent for so long is evicted, and started again from its checkpoint. Default: ${defaults.heartbeatDeadlineSeconds}.`),
    suspendDeadlineSeconds: z.exactOptional(z.number().int().min(1).max(86_400)).describe(`How long a suspended run may take to save its checkpoint before it is stopped all the same. Default: ${defaults.suspendDeadlineSeconds}.`),
    ttlSecondsAfterFinished: z.exactOptional(z.number().int().min(0).max(2_147_483_647)).describe('The run is deleted so long after its end. Absent: it stays.'),
    activeDeadlineSeconds: z.number().int().min(0).max(2_147_483_647).default(0).describe('Seconds after which the run is stopped as failed; 0 for no limit.'),
  })
  .superRefine((run, context) => {
    const fault: Fault = (path, message) => context.addIssue({ code: 'custom', path: [...path], message });
    checkStart(run, fault);
    checkStages(run, fault);
    checkNames(run, fault);
  }),
  'What is to be trained, on what, and how.',
  ...runRules,
);

/** A run that trains a judge, as a manifest declares it. Only what is enforced today is accepted. */
export const grmTrainingRun = z.strictObject({
  apiVersion: z.literal(API_VERSION),
  kind: z.literal('GRMTrainingRun'),
  metadata: resourceMetadata,
  spec,
});

/** A training run with every default filled in. */
export type GRMTrainingRun = z.output<typeof grmTrainingRun>;
export type TrainingRunSpec = GRMTrainingRun['spec'];
export type ModelShape = z.output<typeof modelShape>;
