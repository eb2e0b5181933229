export { modelTypes, type DecoderConfig, type ModelType } from './config/decoder-config.ts';
export { formatConfig, type ConfigDtype } from './config/format-config.ts';
export { ModelConfigError } from './config/model-config-error.ts';
export { parseConfig } from './config/parse-config.ts';
export { tensorShapes } from './config/tensor-shapes.ts';
export { UnknownArchitectureError } from './config/unknown-architecture-error.ts';
export { ChatTemplate, type ChatTemplateSource } from './tokenizer/chat-template.ts';
export { ChatTemplateError } from './tokenizer/chat-template-error.ts';
export { encodePrompt, promptText, type PromptEncoding } from './tokenizer/encode-prompt.ts';
export type { ChatMessage, Prompt } from './tokenizer/prompt.ts';
export { Tokenizer, type EncodeOptions, type TextPiece } from './tokenizer/tokenizer.ts';
export { TokenizerError } from './tokenizer/tokenizer-error.ts';
export type { TokenizerJson } from './tokenizer/tokenizer-json.ts';
export { trainTokenizer, type TokenizerTraining } from './tokenizer/train-tokenizer.ts';
export type { Checkpoint, CheckpointDescription } from './weights/checkpoint.ts';
export { decodeSafetensors, type SafetensorsContent } from './weights/decode-safetensors.ts';
export { encodeSafetensors } from './weights/encode-safetensors.ts';
export { describeCheckpoint, loadCheckpoint, readTensors } from './weights/load-checkpoint.ts';
export { describePrompts, type PromptDescription } from './weights/describe-prompts.ts';
export { checkTensors } from './weights/check-tensors.ts';
export { packModel } from './weights/pack-model.ts';
export { unpackModel } from './weights/unpack-model.ts';
export { ModelNotFoundError } from './weights/model-not-found-error.ts';
export { saveCheckpoint, type SavedCheckpoint } from './weights/save-checkpoint.ts';
export type { WeightTensor } from './weights/weight-tensor.ts';
export { WeightsError } from './weights/weights-error.ts';
export type { StoredDtype } from './weights/write-safetensors.ts';
export { initialTensors } from './weights/initial-tensors.ts';
export { createTrainingSession } from './training/create-training-session.ts';
export { TrainingDivergedError } from './training/training-diverged-error.ts';
export { TrainingInputError } from './training/training-input-error.ts';
export type {
  AdamWOptions,
  LabelledRow,
  LearningRates,
  MuonOptions,
  OptimizerOptions,
  PolicyGradientOptions,
  RolloutRow,
  StepResult,
  TokenRow,
  TrainingObjective,
  TrainingOptions,
  TrainingSession,
  TrainingState,
  TrainingStep,
} from './training/training-session.ts';
export { TrainingWorkerError } from './training/training-worker-error.ts';
export { checkGeneration } from './inference/check-generation.ts';
export { createDecodeSession, type DecodeSession } from './inference/decode-session.ts';
export type { FinishReason, Generated, GenerationPrompt, GenerationRequest } from './inference/generation.ts';
export { GenerationRequestError } from './inference/generation-request-error.ts';
export type { InferenceOptions, ModelInMemory } from './inference/inference-model.ts';
export type { WeightPrecision } from './inference/inference-weights.ts';
export { InferenceWorkerError } from './inference/inference-worker-error.ts';
export type { ModelPrompt } from './inference/prepare-prompts.ts';
export { PromptTooLongError } from './inference/prompt-too-long-error.ts';
export { createScoreSession, type ScoreSession } from './inference/score-session.ts';
