import type { DecoderConfig } from '../config/decoder-config.ts';
import { ModelConfigError } from '../config/model-config-error.ts';
import type { WeightTensor } from '../weights/weight-tensor.ts';
import { checkGeneration } from './check-generation.ts';
import type { Generated, GenerationRequest } from './generation.ts';
import { workerStart, type InferenceOptions } from './inference-model.ts';
import { InferenceThread } from './inference-thread.ts';

/** A model in a worker thread that draws completions. Requests are answered one after the other. */
export interface DecodeSession extends AsyncDisposable {
  readonly config: DecoderConfig;
  /** Whether the worker thread is gone, so that every further request fails. */
  readonly ended: boolean;
  /**
   * Completions in the order in which they end. What they are depends on model, request and number of threads alone. When the signal
   * aborts, completions under way are given as they are by the end of their block, with `finishReason: 'cancelled'`; leaving the loop
   * early cancels too.
   * @throws GenerationRequestError, PromptTooLongError, InferenceWorkerError
   */
  generate(request: GenerationRequest, signal?: AbortSignal): AsyncIterable<Generated>;
  /**
   * Goes on with other weights of the same shapes: requests made before it are answered by the old ones, those after it by the new.
   * The worker thread stays. Where it rejects, the old weights stay.
   * @throws WeightsError, InferenceWorkerError
   */
  replaceWeights(tensors: ReadonlyMap<string, WeightTensor>): Promise<void>;
}

/**
 * Loads a model into a new worker thread.
 * @throws ModelNotFoundError, ModelConfigError, UnknownArchitectureError, TokenizerError, WeightsError
 */
export async function createDecodeSession(options: InferenceOptions, signal?: AbortSignal): Promise<DecodeSession> {
  const start = await workerStart('generate', options);
  if (start.config.head !== 'language')
    throw new ModelConfigError(nameOf(options), 'has a scalar head: it scores texts and cannot write any');
  const thread = await InferenceThread.start(start, signal);
  return {
    config: start.config,
    get ended() {
      return thread.ended;
    },
    async *generate(request, requestSignal) {
      checkGeneration(request);
      for await (const reply of thread.ask({ kind: 'generate', request }, requestSignal)) if (reply.kind === 'generated') yield reply.generated;
    },
    replaceWeights: (tensors) => thread.replaceWeights(tensors, start.config),
    [Symbol.asyncDispose]: () => thread[Symbol.asyncDispose](),
  };
}

function nameOf({ model }: InferenceOptions): string {
  return typeof model === 'string' ? model : 'model in memory';
}
