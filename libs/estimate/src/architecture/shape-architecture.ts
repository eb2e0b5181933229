import type { ModelShape } from '@grm/resources';
import type { Architecture } from './architecture.ts';

/** The decoder that a manifest's `model` declares. A small corpus may give it fewer pieces than `vocabularySize`. */
export function shapeArchitecture(shape: ModelShape): Architecture {
  const { hiddenSize, heads } = shape;
  return {
    family: shape.architecture,
    hiddenSize,
    vocabularySize: shape.vocabularySize,
    contextLength: shape.contextLength,
    tiedEmbeddings: shape.tiedEmbeddings,
    head: 'language',
    layers: [
      {
        count: shape.layers,
        attention: { kind: 'grouped', heads, keyValueHeads: shape.keyValueHeads ?? heads, headSize: hiddenSize / heads, biases: false, headNorms: false },
        feedForward: { kind: 'dense', intermediateSize: shape.intermediateSize },
        norms: 2,
      },
    ],
  };
}
