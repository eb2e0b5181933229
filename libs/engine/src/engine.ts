import type { EngineServer } from './server/engine-server.ts';
import type { Generated, GenerationRequest, Prompt } from '@grm/language-model';

/** What to draw: as a decode session takes it, the samples listed beside their prompt. */
export interface GenerateRequest extends Omit<GenerationRequest, 'prompts'> {
  readonly prompts: readonly (Prompt & {
    /** One completion for each; a seed is an unsigned 32-bit integer. */
    readonly samples: readonly { readonly seed: number }[];
  })[];
}

/** `prompt` and `sample` index the request's prompts and that prompt's samples. */
export type Completion = Generated;

export interface EngineInfo {
  /** The model's name. */
  readonly model: string;
  /** Changes with any bit of the model, or with what its server tells of it: `sha256:` and 64 hex digits. */
  readonly revision: string;
  /** Tokens of prompt and completion together. */
  readonly contextLength: number;
}

/** Draws completions and scores prompts with one model, in threads of its own or in a server. */
export interface Engine extends AsyncDisposable {
  readonly info: EngineInfo;
  /** The server that has the model, where one does. */
  readonly server?: EngineServer;
  /**
   * Completions in the order in which they end. The same request gives the same completions whatever else runs, as far as a server is as exact. When the signal
   * aborts, what is under way ends as `cancelled` soon after, and a request that still waits for the model throws the signal's
   * reason; leaving the loop early cancels too.
   * @throws PromptTooLongError, GenerationRequestError, EngineBusyError, ModelUnavailableError, EngineServerError
   */
  generate(request: GenerateRequest, signal?: AbortSignal): AsyncIterable<Completion>;
  /**
   * The scalar head's raw logit at the end of each prompt. Rejects with the signal's reason when it aborts.
   * @throws PromptTooLongError, GenerationRequestError, EngineBusyError, ModelUnavailableError, EngineServerError
   */
  score(prompts: readonly Prompt[], signal?: AbortSignal): Promise<Float32Array>;
}
