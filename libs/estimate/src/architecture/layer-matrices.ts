import type { Attention, FeedForward, Layers } from './architecture.ts';

/** Equal matrices of one layer, [rows, columns] in the sense of out and in. */
export interface Matrices {
  readonly rows: number;
  readonly columns: number;
  readonly copies: number;
  /** How many of the copies a token is multiplied with. */
  readonly active: number;
  /** Of experts that a router picks. */
  readonly routed: boolean;
}

const always = (rows: number, columns: number, copies = 1): Matrices => ({ rows, columns, copies, active: copies, routed: false });

/** Every matrix of one layer. */
export function layerMatrices({ attention, feedForward }: Layers, hiddenSize: number): Matrices[] {
  return [...attentionMatrices(attention, hiddenSize), ...feedForwardMatrices(feedForward, hiddenSize)];
}

function attentionMatrices(attention: Attention, hiddenSize: number): Matrices[] {
  if (attention.kind === 'grouped') {
    const queries = attention.heads * attention.headSize;
    return [always(queries, hiddenSize), always(attention.keyValueHeads * attention.headSize, hiddenSize, 2), always(hiddenSize, queries)];
  }
  const { heads, queryRank, keyValueRank, plainSize, rotarySize, valueSize } = attention;
  const queries = heads * (plainSize + rotarySize);
  return [
    ...(queryRank === undefined ? [always(queries, hiddenSize)] : [always(queryRank, hiddenSize), always(queries, queryRank)]),
    always(keyValueRank + rotarySize, hiddenSize),
    always(heads * (plainSize + valueSize), keyValueRank),
    always(hiddenSize, heads * valueSize),
  ];
}

function feedForwardMatrices(feedForward: FeedForward, hiddenSize: number): Matrices[] {
  const { intermediateSize } = feedForward;
  if (feedForward.kind === 'dense') return gated(hiddenSize, intermediateSize, always);
  const { routed, active, shared } = feedForward;
  return [
    always(routed, hiddenSize),
    ...(shared === 0 ? [] : gated(hiddenSize, shared * intermediateSize, always)),
    ...gated(hiddenSize, intermediateSize, (rows, columns, copies = 1) => ({ rows, columns, copies: copies * routed, active: copies * active, routed: true })),
  ];
}

/** Gate and up projection, and down. */
function gated(hiddenSize: number, intermediateSize: number, of: (rows: number, columns: number, copies?: number) => Matrices): Matrices[] {
  return [of(intermediateSize, hiddenSize, 2), of(hiddenSize, intermediateSize)];
}

/** Numbers in matrices: of all copies, of those that a token meets. */
export const allNumbers = ({ rows, columns, copies }: Matrices): number => rows * columns * copies;
export const activeNumbers = ({ rows, columns, active }: Matrices): number => rows * columns * active;

/** Numbers in the biases and norms of one layer. */
export function layerVectors({ attention, feedForward, norms }: Layers, hiddenSize: number): number {
  const routerBias = feedForward.kind === 'experts' && feedForward.routerBias ? feedForward.routed : 0;
  return norms * hiddenSize + attentionVectors(attention) + routerBias;
}

function attentionVectors(attention: Attention): number {
  if (attention.kind === 'latent') return (attention.queryRank ?? 0) + attention.keyValueRank;
  const { heads, keyValueHeads, headSize, biases, headNorms } = attention;
  return (biases ? (heads + 2 * keyValueHeads) * headSize : 0) + (headNorms ? 2 * headSize : 0);
}
