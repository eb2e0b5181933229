/** Multi-head attention whose keys and values each serve several heads. */
export interface GroupedAttention {
  readonly kind: 'grouped';
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
  /** Query, key and value projections have biases (Qwen2). */
  readonly biases: boolean;
  /** Queries and keys of a head are normalised (Qwen3). */
  readonly headNorms: boolean;
  /** Tokens that the layer looks back on, itself included; absent: all (Gemma 2 has both kinds). */
  readonly window?: number;
}

/** Multi-head latent attention: what is cached is a projection that all heads share (DeepSeek-V2, arXiv 2405.04434, section 2.1). */
export interface LatentAttention {
  readonly kind: 'latent';
  readonly heads: number;
  /** Queries are projected down to this and up again; absent: at once. */
  readonly queryRank?: number;
  readonly keyValueRank: number;
  /** Part of a head's query and key that carries no position, and part that is rotated; the rotated key is shared by the heads. */
  readonly plainSize: number;
  readonly rotarySize: number;
  readonly valueSize: number;
}

export type Attention = GroupedAttention | LatentAttention;

/** Gate, up and down projection. */
export interface DenseFeedForward {
  readonly kind: 'dense';
  readonly intermediateSize: number;
}

/** Mixture of experts: a router picks `active` of `routed` for each token; `shared` ones see every token (arXiv 2401.06066). */
export interface ExpertFeedForward {
  readonly kind: 'experts';
  readonly routed: number;
  readonly active: number;
  readonly shared: number;
  /** Of one expert. */
  readonly intermediateSize: number;
  /** One number an expert that balances the load (DeepSeek-V3, arXiv 2412.19437, section 2.1.2). */
  readonly routerBias: boolean;
}

export type FeedForward = DenseFeedForward | ExpertFeedForward;

/** So many layers that are alike. Where they stand among the others changes no figure. */
export interface Layers {
  readonly count: number;
  readonly attention: Attention;
  readonly feedForward: FeedForward;
  /** Norms of the hidden state in one layer. */
  readonly norms: number;
}

/** What of a decoder's shape decides its size and cost. */
export interface Architecture {
  /** Hugging Face's `model_type`. */
  readonly family: string;
  readonly hiddenSize: number;
  readonly vocabularySize: number;
  /** Longest row, in tokens. */
  readonly contextLength: number;
  /** The language head is the embedding table. */
  readonly tiedEmbeddings: boolean;
  readonly head: 'language' | 'scalar';
  readonly layers: readonly Layers[];
}

/** The same backbone with a scalar head, as a meta RM has it. */
export const withScalarHead = (architecture: Architecture): Architecture => ({ ...architecture, head: 'scalar' });

/** Sum over all layers. */
export function sumOverLayers({ layers }: Architecture, of: (layer: Layers) => number): number {
  return layers.reduce((sum, layer) => sum + layer.count * of(layer), 0);
}
