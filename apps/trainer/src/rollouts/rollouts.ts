import type { Drawn, DrawRequest } from '@grm/judging';
import type { ChatTemplateSource, DecoderConfig, TokenizerJson, WeightTensor } from '@grm/language-model';

/** The model that draws. */
export interface DrawingPolicy {
  readonly config: DecoderConfig;
  /** fp32 by their Hugging Face names. */
  readonly tensors: ReadonlyMap<string, WeightTensor>;
  readonly tokenizer: TokenizerJson;
  readonly chatTemplate?: ChatTemplateSource;
}

export interface DrawOptions {
  readonly signal: AbortSignal;
  /** Called with the number of requests answered so far. */
  readonly drawn?: (requests: number) => void;
}

/**
 * Draws judgements for training: in this process, or by samplers over the run's work queue. The same policy and requests give
 * the same judgements, bit for bit, whoever draws and however many.
 */
export interface Rollouts extends AsyncDisposable {
  /** Makes this the policy that draws; resolves when it can. Judgements by an older one are refused from then on. */
  use(policy: DrawingPolicy): Promise<void>;
  /** Each request is one call of an engine. Results stand in the order of the requests. Rejects with the signal's reason. */
  draw(requests: readonly DrawRequest[], options: DrawOptions): Promise<readonly Drawn[]>;
}
