import { type Architecture, sumOverLayers } from './architecture.ts';
import { activeNumbers, allNumbers, layerMatrices, layerVectors, type Matrices } from './layer-matrices.ts';

/** How many numbers a model has. */
export interface ParameterCount {
  /** All, as its safetensors hold them. */
  readonly total: number;
  /** Those that a token meets: neither the experts that it is not sent to nor an embedding table that is only looked up in. */
  readonly active: number;
  /** Of all routed experts together; 0 without a mixture. */
  readonly routed: number;
  /** Of the largest of layer, embedding table and head, routed experts left out: what is gathered at once under sharding. */
  readonly largestPart: number;
}

export function countParameters(architecture: Architecture): ParameterCount {
  const { hiddenSize, vocabularySize, tiedEmbeddings, head, layers } = architecture;
  const table = vocabularySize * hiddenSize;
  const headNumbers = head === 'scalar' ? hiddenSize : tiedEmbeddings ? 0 : table;
  const inMatrices = (of: (matrices: Matrices) => number): number =>
    sumOverLayers(architecture, (layer) => layerMatrices(layer, hiddenSize).reduce((sum, matrices) => sum + of(matrices), 0));
  const vectors = sumOverLayers(architecture, (layer) => layerVectors(layer, hiddenSize)) + hiddenSize;
  const whole = (matrices: Matrices): number => (matrices.routed ? 0 : allNumbers(matrices));
  const parts = layers.map((layer) => layerMatrices(layer, hiddenSize).reduce((sum, matrices) => sum + whole(matrices), layerVectors(layer, hiddenSize)));
  return {
    total: table + inMatrices(allNumbers) + vectors + headNumbers,
    active: (head === 'language' ? table : hiddenSize) + inMatrices(activeNumbers) + vectors,
    routed: inMatrices((matrices) => (matrices.routed ? allNumbers(matrices) : 0)),
    largestPart: Math.max(table, ...parts),
  };
}
