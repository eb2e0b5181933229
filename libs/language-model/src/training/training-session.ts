import type { DecoderConfig } from '../config/decoder-config.ts';
import type { WeightTensor } from '../weights/weight-tensor.ts';

/** AdamW (arXiv:1711.05101). Weight decay acts on matrices only, not on norms and biases. */
export interface AdamWOptions {
  /** Default [0.9, 0.98]. */
  readonly betas?: readonly [first: number, second: number];
  /** Default 1e-8. */
  readonly epsilon?: number;
  /** Share of the learning rate by which a matrix shrinks each step. Default 0. */
  readonly weightDecay?: number;
}

/**
 * Orthogonalised momentum (Muon, Jordan et al. 2024) for the matrices of the blocks: Nesterov momentum, five Newton-Schulz steps,
 * update scaled by sqrt(max(1, out / in)). Embedding, head, norms and biases stay with AdamW.
 */
export interface MuonOptions {
  /** Default 0.95. */
  readonly momentum?: number;
  /** Default 0. */
  readonly weightDecay?: number;
}

export interface OptimizerOptions {
  readonly adamW?: AdamWOptions;
  /** Absent: AdamW for all tensors. */
  readonly muon?: MuonOptions;
  /** Gradients are scaled down to this global norm. Default 1. */
  readonly clipNorm?: number;
}

/** A sequence to learn: token i is predicted from those before it, at the cost of weight i. */
export interface TokenRow {
  readonly tokens: ArrayLike<number>;
  /** As long as `tokens`; 0 masks. The first token is predicted from nothing: its weight is not used. */
  readonly weights: ArrayLike<number>;
}

/** A sequence to tell right from wrong by the scalar head at one of its tokens. */
export interface LabelledRow {
  readonly tokens: ArrayLike<number>;
  /** 1 right, 0 wrong; between them a probability. */
  readonly label: number;
  /** Token at which the head is read; the last one where absent. */
  readonly position?: number;
  /** Default 1. */
  readonly weight?: number;
}

/**
 * A completion drawn by an older policy, to learn from: `tokens` are its prompt and the completion, `weights` are 0 on the prompt and,
 * for the mean over a completion of n tokens (GRPO), 1/n on each of its tokens. No weight is negative.
 */
export interface RolloutRow extends TokenRow {
  /** Of the whole completion: its reward relative to its group's. */
  readonly advantage: number;
  /**
   * Natural logarithm, at temperature 1, of each token's probability under the policy that drew it; as long as `tokens`, not read
   * where the weight is 0. Absent: the policy in training drew it, so that the ratio is 1.
   */
  readonly oldLogProbabilities?: ArrayLike<number>;
}

export type TrainingObjective = 'crossEntropy' | 'binaryCrossEntropy' | 'policyGradient';

/**
 * Clipped policy gradient with a penalty for leaving the reference model (GRPO, arXiv:2402.03300 equations 3 and 4). A token's loss is
 * -min(r A, clip(r, 1 - epsilon, 1 + epsilon) A) + beta k3 with advantage A, r = p / p_old and k3 = q / p - log(q / p) - 1, an unbiased
 * estimator of the divergence from the reference q (J. Schulman, "Approximating KL divergence", 2020).
 */
export interface PolicyGradientOptions {
  /** epsilon, over 0: how far the ratio may leave 1 before its gradient stops. */
  readonly clip: number;
  /** beta, 0 or more. */
  readonly klCoefficient: number;
  /**
   * Whether the reference model is run to report the divergence, although beta is 0; it costs a forward pass. Default false; where
   * beta is over 0 the divergence is reported in any case.
   */
  readonly reportKl?: boolean;
}

interface RowOf {
  readonly crossEntropy: TokenRow;
  readonly binaryCrossEntropy: LabelledRow;
  readonly policyGradient: RolloutRow;
}

export interface TrainingOptions<Objective extends TrainingObjective> {
  readonly config: DecoderConfig;
  /** Every tensor of the model by its Hugging Face name, as `tensorShapes(config)` lists them. Copied. */
  readonly tensors: ReadonlyMap<string, WeightTensor>;
  /** `crossEntropy` and `policyGradient` need `config.head` to be `language`, `binaryCrossEntropy` needs `scalar`. */
  readonly objective: Objective;
  /** Needed for `policyGradient`. */
  readonly policyGradient?: PolicyGradientOptions;
  /**
   * For `policyGradient`: the frozen model from which the policy must not stray, of the same shapes. Default: `tensors`. Copied; no
   * part of the training state, so a session that goes on from a state is given it anew.
   */
  readonly reference?: ReadonlyMap<string, WeightTensor>;
  readonly optimizer?: OptimizerOptions;
  /** Threads of the worker's session. Equal weights, batches and threads give bit-equal results. */
  readonly threads: number;
}

export interface LearningRates {
  readonly adamW: number;
  /** Used where `optimizer.muon` is given; the rate of `adamW` where absent. */
  readonly muon?: number;
}

export interface TrainingStep<Objective extends TrainingObjective> {
  /**
   * Micro-batches make one optimiser step together. How rows are cut into them does not change the result: the session
   * itself groups all rows by length into pieces of about a thousand padded tokens, so that memory stays bounded.
   */
  readonly microBatches: readonly (readonly RowOf[Objective][])[];
  readonly learningRates: LearningRates;
  /** What the summed, weighted loss is divided by; the sum of the weights where absent. */
  readonly normalizer?: number;
}

export interface StepResult {
  /** Before the update: the weighted sum of the rows' losses, in nats, by the normalizer. */
  readonly loss: number;
  /**
   * For `policyGradient`, over the tokens that have a weight: `ratio`, the mean of p / p_old; `clipped`, the share of tokens whose
   * ratio is outside the clip range; `kl`, the weighted mean of k3 in nats, where the reference model is run. Else empty.
   */
  readonly metrics: Readonly<Record<string, number>>;
  /** Global norm before clipping. */
  readonly gradientNorm: number;
  /** Tokens of the rows, without padding. */
  readonly tokens: number;
  /** Tokens computed: with padding. */
  readonly paddedTokens: number;
  readonly milliseconds: number;
}

/** All that a run needs to go on where it stopped: weights under their names, the optimiser's moments under `<name>#<moment>`. */
export interface TrainingState {
  /** Optimiser steps done. */
  readonly step: number;
  readonly tensors: ReadonlyMap<string, WeightTensor>;
}

/** A model in training, in a worker thread of its own. Calls are answered in order; after disposal they reject (TrainingWorkerError). */
export interface TrainingSession<Objective extends TrainingObjective> extends AsyncDisposable {
  /**
   * One optimiser step. Rejects with TrainingInputError where a row does not fit the model, with TrainingDivergedError
   * where loss or gradients are not finite; the weights are then unchanged. An abort is seen before the step starts,
   * not within it.
   */
  step(step: TrainingStep<Objective>, signal?: AbortSignal): Promise<StepResult>;
  /** The weights as they are, copied. */
  exportTensors(): Promise<ReadonlyMap<string, WeightTensor>>;
  exportState(): Promise<TrainingState>;
  /**
   * Goes on from a state of the same model and optimiser. Rejects with TrainingInputError where a tensor is missing or
   * misshapen.
   */
  importState(state: TrainingState): Promise<void>;
}
