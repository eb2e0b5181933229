import { z } from 'zod';
import { TRAINING_DEFAULTS as defaults } from './defaults.ts';
import { baseModel, corpusSource, dataset, fileSource } from './model-source.ts';

const count = z.number().int().positive();
const rate = z.number().positive().max(1);
const fraction = z.number().min(0).max(1);
const samples = z.number().int().min(0).max(64);

/** How judgements are drawn for training. */
const drawing = {
  temperature: z.number().positive().max(2).default(defaults.sampling.temperature),
  /** Longest judgement, in tokens. */
  maxTokens: count.default(defaults.sampling.maxTokens),
};

/** AdamW with a rate that rises over `warmupSteps`. */
const optimizer = {
  warmupSteps: z.number().int().min(0).default(defaults.optimizer.warmupSteps),
  weightDecay: fraction.default(defaults.optimizer.weightDecay),
  /** Gradients longer than this (2-norm over all tensors) are scaled to it. */
  gradientClip: z.number().positive().default(defaults.optimizer.gradientClip),
};

/** How long a supervised stage lasts: so many passes over its rows, or so many steps. */
const duration = {
  epochs: z.exactOptional(count.max(100)),
  steps: z.exactOptional(count),
};

function oneDuration({ epochs, steps }: { epochs?: number; steps?: number }, context: z.RefinementCtx): void {
  if (epochs !== undefined && steps !== undefined) {
    context.addIssue({ code: 'custom', path: ['steps'], message: 'epochs and steps both say how long the stage lasts; remove one of them' });
  }
}

/** Language modelling on a corpus. */
export const pretrainStage = z.strictObject({
  corpus: corpusSource,
  /** Training tokens in all; `5e6` is a number in YAML. */
  tokens: count,
  /** Peak rate of AdamW, which trains embeddings, head and norms. */
  learningRate: rate.default(defaults.pretrain.learningRate),
  /** Peak rate of Muon, which trains the matrices of the blocks. */
  matrixLearningRate: rate.default(defaults.pretrain.matrixLearningRate),
  /** Tokens in one optimizer step, padding included. */
  batchTokens: count.default(defaults.pretrain.batchTokens),
  warmupSteps: z.number().int().min(0).default(defaults.pretrain.warmupSteps),
  /** Last share of the steps over which the rates fall linearly. */
  decayFraction: fraction.default(defaults.pretrain.decayFraction),
  weightDecay: fraction.default(defaults.pretrain.weightDecay),
  gradientClip: z.number().positive().default(defaults.pretrain.gradientClip),
});

/**
 * Rejective fine-tuning (arXiv 2504.02495, section 3.2): judgements drawn from the base, with and without the hint; those that
 * put the labelled best strictly first are learnt from.
 */
export const rftStage = z
  .strictObject({
    /** Preference items to judge, taken in order from `data`. */
    items: count.default(defaults.rft.items),
    samplesPerItem: samples.default(defaults.rft.samplesPerItem),
    /** Judgements drawn with "The best response is ..." in the prompt; the hint is not learnt. */
    hintedSamplesPerItem: samples.default(defaults.rft.hintedSamplesPerItem),
    /** Leave out the items whose samples without a hint are all right: they teach nothing. */
    dropUnanimous: z.boolean().default(defaults.rft.dropUnanimous),
    /** Judgements kept by an earlier run (`kept.jsonl`), in place of new ones. */
    kept: z.exactOptional(fileSource),
    /** Instruction data mixed in: this share of the rows of training is general. Absent: none. */
    general: z.exactOptional(
      z.strictObject({ corpus: corpusSource, fraction: fraction.max(0.99).default(defaults.rft.generalFraction) }),
    ),
    ...drawing,
    learningRate: rate.default(defaults.rft.learningRate),
    /** Rows of one optimizer step. */
    batchSize: count.default(defaults.rft.batchSize),
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
  });

/** When the policy strays too far from the reference: go back to the last good checkpoint and halve the learning rate, once. */
const klGuard = z.strictObject({
  /** KL to the reference, nats per token. */
  limit: z.number().positive().default(defaults.grpo.klGuard.limit),
  /** Steps in a row above the limit before it acts. */
  patience: count.default(defaults.grpo.klGuard.patience),
  /** `Rollback` once, then fail; `Fail` at once. */
  action: z.enum(['Rollback', 'Fail']).default(defaults.grpo.klGuard.action),
});

/** Rule-based online reinforcement learning (section 3.3): GRPO with +1 / -1 for a judgement that is right / anything else. */
export const grpoStage = z
  .strictObject({
    /** Items to draw prompts from, taken in order from `data`; gone through again when used up. Default: as many as the steps need. */
    items: z.exactOptional(count),
    /** Judgements of one item, G. */
    groupSize: count.min(2).max(256).default(defaults.grpo.groupSize),
    /** Judgements of one step: so many items times `groupSize`. */
    batchSize: count.default(defaults.grpo.batchSize),
    steps: count.default(defaults.grpo.steps),
    ...drawing,
    learningRate: rate.default(defaults.grpo.learningRate),
    /** Epsilon of the clipped ratio. */
    clip: z.number().positive().max(1).default(defaults.grpo.clip),
    /** Beta, the weight of the KL to the model that the stage starts from. */
    klCoefficient: z.number().min(0).default(defaults.grpo.klCoefficient),
    /** Optimizer steps on one batch of judgements. */
    innerEpochs: count.max(16).default(defaults.grpo.innerEpochs),
    /** Leave out the items that a weaker model (default: the run's base) judges right every time. Absent: no item is left out. */
    filter: z.exactOptional(z.strictObject({ model: z.exactOptional(baseModel), samples: count.max(64).default(defaults.grpo.filterSamples) })),
    klGuard: klGuard.prefault({}),
    ...optimizer,
  })
  .superRefine(({ batchSize, groupSize }, context) => {
    if (batchSize % groupSize === 0) return;
    context.addIssue({ code: 'custom', path: ['batchSize'], message: `batchSize ${batchSize} must be a multiple of groupSize ${groupSize}: whole groups are learnt from` });
  });

/** A scalar head that tells sound judgements from unsound ones, trained with binary cross-entropy on the policy's own judgements and those of rft. */
export const metaRMStage = z
  .strictObject({
    /** Preference items to judge, taken in order from `data`. */
    items: count.default(defaults.metaRM.items),
    samplesPerItem: count.max(64).default(defaults.metaRM.samplesPerItem),
    temperature: drawing.temperature.removeDefault().default(defaults.metaRM.temperature),
    maxTokens: drawing.maxTokens,
    learningRate: rate.default(defaults.metaRM.learningRate),
    /** Judgements of one optimizer step. */
    batchSize: count.default(defaults.metaRM.batchSize),
    ...duration,
    ...optimizer,
  })
  .superRefine(oneDuration);

/** How good the judge is, on items that no stage has trained on. */
export const evaluationStage = z.strictObject({
  suites: z.array(dataset).min(1, 'at least one suite is needed, e.g. {name: nanobench, builtin: nanobench}'),
  /** Items of each suite. */
  items: count.default(defaults.evaluation.items),
  /** k of vote@k and meta@k; the curve shows every power of two up to the largest. */
  samples: z.array(count.max(256)).min(1).default([...defaults.evaluation.samples]),
  temperature: z.number().positive().max(2).default(defaults.evaluation.temperature),
  maxTokens: drawing.maxTokens,
  /** Also judge items that carry a reference with the reference shown. */
  referenceGuided: z.boolean().default(defaults.evaluation.referenceGuided),
});

export type PretrainStage = z.output<typeof pretrainStage>;
export type RFTStage = z.output<typeof rftStage>;
export type GRPOStage = z.output<typeof grpoStage>;
export type MetaRMStage = z.output<typeof metaRMStage>;
export type EvaluationStage = z.output<typeof evaluationStage>;
