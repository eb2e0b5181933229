import type { DecoderConfig } from '../config/decoder-config.ts';
import { ModelConfigError } from '../config/model-config-error.ts';
import type { WeightTensor } from '../weights/weight-tensor.ts';
import { workerStart, type InferenceOptions } from './inference-model.ts';
import { InferenceThread } from './inference-thread.ts';
import type { ModelPrompt } from './prepare-prompts.ts';

/** A model with a scalar head in a worker thread. Requests are answered one after the other. */
export interface ScoreSession extends AsyncDisposable {
  readonly config: DecoderConfig;
  /** Whether the worker thread is gone, so that every further request fails. */
  readonly ended: boolean;
  /**
   * The head's number (a logit) at the last token of each prompt, which may fill the context.
   * Rejects with the signal's reason when it aborts.
   * @throws PromptTooLongError, GenerationRequestError, InferenceWorkerError
   */
  score(prompts: readonly ModelPrompt[], signal?: AbortSignal): Promise<Float32Array>;
  /**
   * Goes on with other weights of the same shapes: requests made before it are answered by the old ones, those after it by the new.
   * The worker thread stays. Where it rejects, the old weights stay.
   * @throws WeightsError, InferenceWorkerError
   */
  replaceWeights(tensors: ReadonlyMap<string, WeightTensor>): Promise<void>;
}

/** Loads a model into a new worker thread; errors as `createDecodeSession`. */
export async function createScoreSession(options: InferenceOptions, signal?: AbortSignal): Promise<ScoreSession> {
  const start = await workerStart('score', options);
  if (start.config.head !== 'scalar')
    throw new ModelConfigError(typeof options.model === 'string' ? options.model : 'model in memory', 'has no scalar head (score.weight): it cannot score texts');
  const thread = await InferenceThread.start(start, signal);
  return {
    config: start.config,
    get ended() {
      return thread.ended;
    },
    async score(prompts, requestSignal) {
      requestSignal?.throwIfAborted();
      let scores = new Float32Array(0);
      if (prompts.length > 0)
        for await (const reply of thread.ask({ kind: 'score', prompts }, requestSignal)) if (reply.kind === 'scored') scores = new Float32Array(reply.scores);
      requestSignal?.throwIfAborted();
      return scores;
    },
    replaceWeights: (tensors) => thread.replaceWeights(tensors, start.config),
    [Symbol.asyncDispose]: () => thread[Symbol.asyncDispose](),
  };
}
