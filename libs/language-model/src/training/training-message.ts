import type { WeightTensor } from '../weights/weight-tensor.ts';
import type { PackedBatch } from './pack-batch.ts';
import type { LearningRates, StepResult, TrainingState } from './training-session.ts';

/** What a training session asks of its worker; `id` pairs it with the answer. */
export type TrainingRequest = { readonly id: number } & TrainingAction;

export type TrainingAction =
  | { readonly kind: 'step'; readonly batch: PackedBatch; readonly learningRates: LearningRates }
  | { readonly kind: 'exportTensors' }
  | { readonly kind: 'exportState' }
  | { readonly kind: 'importState'; readonly state: TrainingState };

export type TrainingResponse = { readonly id: number } & TrainingAnswer;

export type TrainingAnswer =
  | ({ readonly kind: 'step' } & Pick<StepResult, 'loss' | 'gradientNorm' | 'metrics' | 'milliseconds'>)
  | { readonly kind: 'tensors'; readonly tensors: ReadonlyMap<string, WeightTensor> }
  | { readonly kind: 'state'; readonly state: TrainingState }
  | { readonly kind: 'done' }
  | { readonly kind: 'diverged'; readonly loss: number; readonly gradientNorm: number }
  /** `input`: what was given is at fault (TrainingInputError). */
  | { readonly kind: 'failure'; readonly input: boolean; readonly message: string };
