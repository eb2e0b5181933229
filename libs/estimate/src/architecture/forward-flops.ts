import { type Architecture, type Attention, sumOverLayers } from './architecture.ts';
import { activeNumbers, layerMatrices } from './layer-matrices.ts';

/** Floating-point operations; a multiplication and an addition count as two. Norms, softmax and the like are left out. */
export interface ForwardFlops {
  /** Products with the weights of the layers. */
  readonly layers: number;
  /** Queries with keys, and weights with values. */
  readonly attention: number;
  readonly head: number;
}

export interface Span {
  /** Tokens of the row that are cached already. */
  readonly from: number;
  /** Tokens of the row afterwards. */
  readonly to: number;
  /** Tokens whose next token is predicted; of a scalar head: that it is read at. */
  readonly heads: number;
  /** One token after the other from the cache. Latent attention then works on the latents themselves ("absorbed" projections). */
  readonly decoding: boolean;
}

/** One row through the model, forward. */
export function forwardFlops(architecture: Architecture, { from, to, heads, decoding }: Span): ForwardFlops {
  const { hiddenSize, vocabularySize, head } = architecture;
  const matrices = sumOverLayers(architecture, (layer) => layerMatrices(layer, hiddenSize).reduce((sum, each) => sum + activeNumbers(each), 0));
  return {
    layers: 2 * matrices * (to - from),
    attention: sumOverLayers(architecture, ({ attention }) => pairFlops(attention, decoding) * pairsOf(attention, from, to)),
    head: 2 * hiddenSize * (head === 'language' ? vocabularySize : 1) * heads,
  };
}

export const totalFlops = ({ layers, attention, head }: ForwardFlops): number => layers + attention + head;

/** Of all heads, for one query and one key. */
function pairFlops(attention: Attention, decoding: boolean): number {
  if (attention.kind === 'grouped') return 4 * attention.heads * attention.headSize;
  const { heads, keyValueRank, plainSize, rotarySize, valueSize } = attention;
  return decoding ? 2 * heads * (2 * keyValueRank + rotarySize) : 2 * heads * (plainSize + rotarySize + valueSize);
}

/** Pairs of a query among tokens from..to and a key that it sees: itself, those before it, within the window. */
function pairsOf(attention: Attention, from: number, to: number): number {
  const window = attention.kind === 'grouped' ? (attention.window ?? Infinity) : Infinity;
  const seen = (tokens: number): number => {
    const growing = Math.min(tokens, window);
    return (growing * (growing + 1)) / 2 + (tokens - growing) * (window === Infinity ? 0 : window);
  };
  return seen(to) - seen(from);
}
