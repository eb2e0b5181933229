import { z } from 'zod';
import { TRAINING_DEFAULTS as defaults } from './defaults.ts';
import { documented, listed } from './kubernetes-schema.ts';
import { oneLength, rftGeneralHasAnEnd, rftLearnsSomething, wholeGroups } from './training-run-rules.ts';
import { baseModel, corpusSource, dataset, fileSource } from './model-source.ts';

const count = z.number().int().positive();
const rate = z.number().positive().max(1);
const fraction = z.number().min(0).max(1);
const samples = z.number().int().min(0).max(64);

/** How judgements are drawn for training. */
const drawing = {
  temperature: z.number().positive().max(2).default(defaults.sampling.temperature).describe('Sampling temperature.'),
  maxTokens: count.default(defaults.sampling.maxTokens).describe('Longest judgement, in tokens.'),
};

/** AdamW with a rate that rises over `warmupSteps`. */
const optimizer = {
  warmupSteps: z.number().int().min(0).default(defaults.optimizer.warmupSteps).describe('Steps over which the rate rises.'),
  weightDecay: fraction.default(defaults.optimizer.weightDecay).describe('Decoupled weight decay of AdamW.'),
  gradientClip: z.number().positive().default(defaults.optimizer.gradientClip).describe('Gradients longer than this (2-norm over all tensors) are scaled to it.'),
};

/** How long a supervised stage lasts: so many passes over its rows, or so many steps. */
const duration = {
  epochs: z.exactOptional(count.max(100)).describe('Passes over the rows.'),
  steps: z.exactOptional(count).describe('Optimizer steps, in place of epochs.'),
};

function oneDuration({ epochs, steps }: { epochs?: number; steps?: number }, context: z.RefinementCtx): void {
  if (epochs !== undefined && steps !== undefined) {
    context.addIssue({ code: 'custom', path: ['steps'], message: 'epochs and steps both say how long the stage lasts; remove one of them' });
  }
}

/** Language modelling on a corpus. */
export const pretrainStage = z.strictObject({
  corpus: corpusSource.describe('Text to learn from.'),
  tokens: count.describe('Training tokens in all; `5e6` is a number in YAML.'),
  learningRate: rate.default(defaults.pretrain.learningRate).describe('Peak rate of AdamW, which trains embeddings, head and norms.'),
  matrixLearningRate: rate.default(defaults.pretrain.matrixLearningRate).describe('Peak rate of Muon, which trains the matrices of the blocks.'),
  batchTokens: count.default(defaults.pretrain.batchTokens).describe('Tokens in one optimizer step, padding included.'),
  warmupSteps: z.number().int().min(0).default(defaults.pretrain.warmupSteps).describe('Steps over which the rates rise.'),
  decayFraction: fraction.default(defaults.pretrain.decayFraction).describe('Last share of the steps over which the rates fall linearly.'),
  weightDecay: fraction.default(defaults.pretrain.weightDecay).describe('Decoupled weight decay.'),
  gradientClip: z.number().positive().default(defaults.pretrain.gradientClip).describe('Gradients longer than this are scaled to it.'),
});

/**
 * Rejective fine-tuning (arXiv 2504.02495, section 3.2): judgements drawn from the base, with and without the hint; those that
 * put the labelled best strictly first are learnt from.
 */
export const rftStage = documented(z
  .strictObject({
    items: count.default(defaults.rft.items).describe('Preference items to judge, taken in order from `data`.'),
    samplesPerItem: samples.default(defaults.rft.samplesPerItem).describe('Judgements drawn of each item without a hint.'),
    hintedSamplesPerItem: samples.default(defaults.rft.hintedSamplesPerItem).describe('Judgements drawn with "The best response is ..." in the prompt; the hint is not learnt.'),
    dropUnanimous: z.boolean().default(defaults.rft.dropUnanimous).describe('Leave out the items whose samples without a hint are all right: they teach nothing.'),
    kept: z.exactOptional(fileSource).describe('Judgements kept by an earlier run (`kept.jsonl`), in place of new ones.'),
    general: z
      .exactOptional(z.strictObject({ corpus: corpusSource.describe('Where it lies.'), fraction: fraction.max(0.99).default(defaults.rft.generalFraction).describe('Share of the rows of training.') }))
      .describe('Instruction data mixed in. Absent: none.'),
    ...drawing,
    learningRate: rate.default(defaults.rft.learningRate).describe('Peak rate of AdamW.'),
    batchSize: count.default(defaults.rft.batchSize).describe('Rows of one optimizer step.'),
    ...duration,
    ...optimizer,
  })
  .superRefine((stage, context) => {
    oneDuration(stage, context);
    if (stage.samplesPerItem + stage.hintedSamplesPerItem > 0 || stage.kept !== undefined) return;
    if (stage.general === undefined) {
      context.addIssue({ code: 'custom', path: ['samplesPerItem'], message: 'no judgement is drawn and no general data is named: there would be nothing to learn' });
    } else if (stage.steps === undefined) {
      context.addIssue({ code: 'custom', path: ['steps'], message: 'without judgements nothing says how much general data to take; set steps' });
    }
  }), 'Rejective fine-tuning.', oneLength, rftLearnsSomething, rftGeneralHasAnEnd);

/** When the policy strays too far from the reference: go back to the last good checkpoint and halve the learning rate, once. */
const klGuard = z.strictObject({
  limit: z.number().positive().default(defaults.grpo.klGuard.limit).describe('KL to the reference, nats per token.'),
  patience: count.default(defaults.grpo.klGuard.patience).describe('Steps in a row above the limit before it acts.'),
  action: z.enum(['Rollback', 'Fail']).default(defaults.grpo.klGuard.action).describe('`Rollback` once, then fail; `Fail` at once.'),
});

/** Rule-based online reinforcement learning (section 3.3): GRPO with +1 / -1 for a judgement that is right / anything else. */
export const grpoStage = documented(z
  .strictObject({
    items: z.exactOptional(count).describe('Items to draw prompts from, taken in order from `data`; gone through again when used up. Default: as many as the steps need.'),
    groupSize: count.min(2).max(256).default(defaults.grpo.groupSize).describe('Judgements of one item, G.'),
    batchSize: count.default(defaults.grpo.batchSize).describe('Judgements of one step: so many items times `groupSize`.'),
    steps: count.default(defaults.grpo.steps).describe('Optimizer steps.'),
    ...drawing,
    learningRate: rate.default(defaults.grpo.learningRate).describe('Peak rate of AdamW.'),
    clip: z.number().positive().max(1).default(defaults.grpo.clip).describe('Epsilon of the clipped ratio.'),
    klCoefficient: z.number().min(0).default(defaults.grpo.klCoefficient).describe('Beta, the weight of the KL to the model that the stage starts from.'),
    innerEpochs: count.max(16).default(defaults.grpo.innerEpochs).describe('Optimizer steps on one batch of judgements.'),
    filter: z.exactOptional(z.strictObject({ model: z.exactOptional(baseModel).describe("The weaker model. Default: the run's base."), samples: count.max(64).default(defaults.grpo.filterSamples).describe('Judgements of each item.') })).describe("Leave out the items that a weaker model (default: the run's base) judges right every time. Absent: no item is left out."),
    klGuard: klGuard.prefault({}).describe('When the policy strays too far from the reference: go back to the last good checkpoint and halve the learning rate, once.'),
    ...optimizer,
  })
  .superRefine(({ batchSize, groupSize }, context) => {
    if (batchSize % groupSize === 0) return;
    context.addIssue({ code: 'custom', path: ['batchSize'], message: `batchSize ${batchSize} must be a multiple of groupSize ${groupSize}: whole groups are learnt from` });
  }), 'Rule-based online reinforcement learning.', wholeGroups);

/** A scalar head that tells sound judgements from unsound ones, trained with binary cross-entropy on the policy's own judgements and those of rft. */
export const metaRMStage = documented(z
  .strictObject({
    items: count.default(defaults.metaRM.items).describe('Preference items to judge, taken in order from `data`.'),
    samplesPerItem: count.max(64).default(defaults.metaRM.samplesPerItem).describe('Judgements drawn of each item.'),
    temperature: z.number().positive().max(2).default(defaults.metaRM.temperature).describe('Sampling temperature.'),
    maxTokens: drawing.maxTokens,
    learningRate: rate.default(defaults.metaRM.learningRate).describe('Peak rate of AdamW.'),
    batchSize: count.default(defaults.metaRM.batchSize).describe('Judgements of one optimizer step.'),
    ...duration,
    ...optimizer,
  })
  .superRefine(oneDuration), 'A meta reward model.', oneLength);

/** How good the judge is, on items that no stage has trained on. */
export const evaluationStage = z.strictObject({
  suites: listed(z.array(dataset).max(16).min(1, 'at least one suite is needed, e.g. {name: nanobench, builtin: nanobench}'), ['name']).describe('Items that are judged.'),
  items: count.default(defaults.evaluation.items).describe('Items of each suite.'),
  samples: z.array(count.max(256)).min(1).max(16).default([...defaults.evaluation.samples]).describe('k of vote@k and meta@k; the curve shows every power of two up to the largest.'),
  temperature: z.number().positive().max(2).default(defaults.evaluation.temperature).describe('Sampling temperature of vote@k.'),
  maxTokens: drawing.maxTokens,
  referenceGuided: z.boolean().default(defaults.evaluation.referenceGuided).describe('Also judge items that carry a reference with the reference shown.'),
});

export type PretrainStage = z.output<typeof pretrainStage>;
export type RFTStage = z.output<typeof rftStage>;
export type GRPOStage = z.output<typeof grpoStage>;
export type MetaRMStage = z.output<typeof metaRMStage>;
export type EvaluationStage = z.output<typeof evaluationStage>;
