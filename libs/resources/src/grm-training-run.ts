import { z } from 'zod';
import { TRAINING_DEFAULTS as defaults } from './defaults.ts';
import { baseModel, checkpointStore, dataset } from './model-source.ts';
import { API_VERSION, resourceMetadata } from './resource-metadata.ts';
import { template } from './template.ts';
import { evaluationStage, grpoStage, metaRMStage, pretrainStage, rftStage } from './training-stages.ts';

const count = z.number().int().positive();

/** Shape of a decoder trained from scratch (Llama architecture: RMSNorm, RoPE, SwiGLU). */
const modelShape = z
  .strictObject({
    architecture: z.literal('llama').default('llama'),
    hiddenSize: count.max(8192),
    layers: count.max(128),
    heads: count.max(128),
    /** Fewer than `heads` for grouped-query attention. Default: `heads`. */
    keyValueHeads: z.exactOptional(count),
    intermediateSize: count.max(65_536),
    /** Pieces of the tokenizer that is trained on the corpus; a small corpus may give fewer. */
    vocabularySize: z.number().int().min(300).max(262_144),
    /** Longest prompt and judgement together, in tokens. */
    contextLength: count.max(131_072).default(defaults.model.contextLength),
    tiedEmbeddings: z.boolean().default(defaults.model.tiedEmbeddings),
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
  });

const embeddedEngine = z.strictObject({
  threads: count.max(256).default(defaults.threads),
  device: z.literal('cpu').default('cpu'),
});

/** Big models: torchrun over the GPUs of a node pool. */
const distributedEngine = z.strictObject({ nodes: count });

const nodePool = z.strictObject({
  /** Value of the node label `nvidia.com/gpu.product`. */
  gpuProduct: z.string().min(1),
  gpusPerNode: count.max(64),
});

const stages = z.strictObject({
  pretrain: z.exactOptional(pretrainStage),
  rft: z.exactOptional(rftStage),
  grpo: z.exactOptional(grpoStage),
  metaRM: z.exactOptional(metaRMStage),
  evaluation: z.exactOptional(evaluationStage),
});

/** The state of a stage, saved so that a run that was killed ends as if it had not been. */
const checkpoint = z.strictObject({
  everySteps: count.default(defaults.checkpoint.everySteps),
  /** Newest ones kept. At least two, so that one is left when the newest is damaged. */
  keep: z.number().int().min(2).max(1000).default(defaults.checkpoint.keep),
  /** Default: the run's own folder. */
  to: z.exactOptional(checkpointStore),
});

/** Sampler processes that draw the judgements of rft and grpo. With none the trainer draws them itself. */
const rollouts = z.strictObject({
  replicas: z.number().int().min(0).max(1000).default(defaults.rollouts.replicas),
  threads: count.max(256).default(defaults.rollouts.threads),
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

const spec = z
  .strictObject({
    /** Absent: a model of the shape `model` is trained from scratch. */
    base: z.exactOptional(baseModel),
    model: z.exactOptional(modelShape),
    template: template.default(defaults.template),
    data: z.array(dataset).default([]),
    stages,
    checkpoint: checkpoint.prefault({}),
    engine: z.strictObject({ embedded: embeddedEngine.prefault({}), distributed: z.exactOptional(distributedEngine) }).prefault({}),
    rollouts: rollouts.prefault({}),
    nodePool: z.exactOptional(nodePool),
    /** False: the judge is trained and asked without criteria of its own. For measuring what they bring. */
    principles: z.boolean().default(true),
    /** Show the judge an item's reference answer in training, where it has one. */
    referenceGuided: z.boolean().default(false),
    /** True: checkpoint and stop; false again: go on. */
    suspend: z.boolean().default(false),
    /** Unsigned 32-bit; every stage derives its own streams from it. */
    seed: z.number().int().min(0).max(0xffff_ffff).default(defaults.seed),
    /** Times that a failed run is started again. */
    backoffLimit: z.number().int().min(0).max(100).default(defaults.backoffLimit),
    /** Seconds after which the run is stopped as failed; 0 for no limit. */
    activeDeadlineSeconds: z.number().int().min(0).default(0),
  })
  .superRefine((run, context) => {
    const fault: Fault = (path, message) => context.addIssue({ code: 'custom', path: [...path], message });
    checkStart(run, fault);
    checkStages(run, fault);
    checkNames(run, fault);
  });

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
