import type { Attributes } from './attribute.ts';
import type { TensorData } from './tensor-data.ts';
import type { Value } from './value.ts';

/**
 * What `gradients` may take for granted: that the outputs count as constants (`stop`), that no index occurs twice among those by which
 * the elements are picked (`distinct`).
 */
export type GradientHint = 'stop' | 'distinct';

/** One operator applied to values; an absent optional input is undefined. */
export interface GraphNode {
  readonly name: string;
  readonly operator: string;
  readonly domain: string;
  readonly inputs: readonly (Value | undefined)[];
  readonly outputs: readonly Value[];
  readonly attributes: Attributes;
  readonly gradientHint?: GradientHint | undefined;
}

export interface Initializer extends TensorData {
  readonly name: string;
  /** Kept out of the model's bytes, under this path. */
  readonly externalPath?: string;
}

/** What a graph, or a subgraph of Loop and If, consists of. */
export interface GraphContent {
  readonly name: string;
  readonly nodes: readonly GraphNode[];
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly initializers: readonly Initializer[];
  /** Names that outputs were given after their values came to be. */
  readonly renamed: ReadonlyMap<string, string>;
}
