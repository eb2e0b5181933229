import type { DecoderConfig } from '../config/decoder-config.ts';
import type { WeightTensor } from '../weights/weight-tensor.ts';
import type { ChatTemplateSource } from '../tokenizer/chat-template.ts';
import type { TokenizerJson } from '../tokenizer/tokenizer-json.ts';
import type { Generated, GenerationRequest } from './generation.ts';
import type { WeightPrecision } from './inference-weights.ts';
import type { ModelPrompt } from './prepare-prompts.ts';
import type { WorkerFailure } from './worker-failure.ts';

/** What a worker thread is started with. */
export interface WorkerStart {
  readonly kind: 'generate' | 'score';
  readonly config: DecoderConfig;
  readonly tokenizer: TokenizerJson | undefined;
  readonly chatTemplate: ChatTemplateSource | undefined;
  /** Where weights are read from, or the weights themselves. */
  readonly weights: string | ReadonlyMap<string, WeightTensor>;
  readonly precision: WeightPrecision;
  readonly threads: number;
  /** Decode steps between two looks at cancellation and at what has finished. */
  readonly block: number;
}

export type WorkerRequest =
  | {
      readonly kind: 'generate';
      readonly id: number;
      readonly request: GenerationRequest;
      /** Int32, one element: other than zero once the request is cancelled. */
      readonly cancelled: SharedArrayBuffer;
    }
  | {
      readonly kind: 'score';
      readonly id: number;
      readonly prompts: readonly ModelPrompt[];
      readonly cancelled: SharedArrayBuffer;
    }
  | {
      readonly kind: 'replaceWeights';
      readonly id: number;
      readonly tensors: ReadonlyMap<string, WeightTensor>;
      readonly cancelled: SharedArrayBuffer;
    };

export type WorkerReply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'broken'; readonly failure: WorkerFailure }
  | { readonly kind: 'generated'; readonly id: number; readonly generated: Generated }
  | { readonly kind: 'scored'; readonly id: number; readonly scores: Float32Array }
  | { readonly kind: 'done'; readonly id: number }
  | { readonly kind: 'failed'; readonly id: number; readonly failure: WorkerFailure };
