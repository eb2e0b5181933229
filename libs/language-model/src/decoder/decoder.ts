import type { GraphBuilder, Value } from '@grm/tensor-graph';
import { dimensionAt } from '@grm/tensor-graph';
import type { DecoderConfig } from '../config/decoder-config.ts';

/** Projections of one layer's input: queries [..., heads * size], keys and values [..., key heads * size], not rotated yet. */
export interface ProjectedHeads {
  readonly query: Value;
  readonly key: Value;
  readonly value: Value;
}

/**
 * What a graph supplies to the decoder's definition. Activations are [..., hidden] with any leading axes; the definition never
 * looks at them, so that rows of a padded batch, a prompt and single steps of many samples all fit.
 */
export interface DecoderParts {
  readonly graph: GraphBuilder;
  readonly config: DecoderConfig;
  /** A vector or the embedding table by its Hugging Face name, such as `model.norm.weight`. */
  readonly weight: (name: string) => Value;
  /**
   * One input by several matrices: x [..., in] -> [..., out] each. A name is a Hugging Face module such as
   * `model.layers.0.mlp.up_proj`; its `.bias` is added where the config has one. Called once for q, k, v and once for gate, up,
   * so that a graph may fuse them.
   */
  readonly project: (x: Value, modules: readonly string[]) => readonly Value[];
  /** Rotates, attends, and gives [..., heads * size]. */
  readonly attend: (layer: number, heads: ProjectedHeads) => Value;
}

/** tokens int64 [...] -> [..., hidden]. */
export function embed({ graph, weight }: DecoderParts, tokens: Value): Value {
  return graph.gather(weight('model.embed_tokens.weight'), tokens, 0);
}

/** Picks the tokens at which a head reads: [..., n] -> [read, n]. */
export type Reading = (rows: Value) => Value;

const everywhere: Reading = (rows) => rows;

/**
 * Every block and the last norm: [..., hidden] -> [..., hidden], what the heads read. Where they do not read everywhere, the last
 * block's attention is the last to look at the other tokens, and they are left out from there on.
 */
export function decode(parts: DecoderParts, embedded: Value, read: Reading = everywhere): Value {
  const last = parts.config.layers - 1;
  let x = embedded;
  for (let layer = 0; layer <= last; layer++) x = decoderLayer(parts, layer, x, layer === last ? read : everywhere);
  return norm(parts, x, 'model.norm');
}

/** x + attention(norm(x)), then x + SwiGLU(norm(x)) (Llama, arXiv:2302.13971 section 2.2). */
function decoderLayer(parts: DecoderParts, layer: number, x: Value, read: Reading): Value {
  const { graph } = parts;
  const prefix = `model.layers.${layer}`;
  const mixed = attention(parts, layer, norm(parts, x, `${prefix}.input_layernorm`));
  const attended = graph.add(read(x), one(parts, read(mixed), `${prefix}.self_attn.o_proj`));
  return graph.add(attended, feedForward(parts, layer, norm(parts, attended, `${prefix}.post_attention_layernorm`)));
}

/** [..., hidden] -> logits [..., vocabulary]; with tied embeddings the embedding table is the matrix. */
export function languageHead(parts: DecoderParts, hidden: Value): Value {
  return one(parts, hidden, parts.config.tiedEmbeddings ? 'model.embed_tokens' : 'lm_head');
}

/** [..., hidden] -> one number [..., 1]. */
export function scalarHead(parts: DecoderParts, hidden: Value): Value {
  return one(parts, hidden, 'score');
}

/** What the heads gather, [..., heads * size]. */
function attention(parts: DecoderParts, layer: number, x: Value): Value {
  const prefix = `model.layers.${layer}.self_attn`;
  const [query, key, value] = parts.project(x, [`${prefix}.q_proj`, `${prefix}.k_proj`, `${prefix}.v_proj`]);
  if (query === undefined || key === undefined || value === undefined)
    throw new TypeError('project gives one value a module');
  const heads = parts.config.queryKeyNorm
    ? { query: headNorm(parts, query, `${prefix}.q_norm`), key: headNorm(parts, key, `${prefix}.k_norm`), value }
    : { query, key, value };
  return parts.attend(layer, heads);
}

/** down(silu(gate(x)) * up(x)) (arXiv:2002.05202). */
function feedForward(parts: DecoderParts, layer: number, x: Value): Value {
  const { graph } = parts;
  const prefix = `model.layers.${layer}.mlp`;
  const [gate, up] = parts.project(x, [`${prefix}.gate_proj`, `${prefix}.up_proj`]);
  if (gate === undefined || up === undefined) throw new TypeError('project gives one value a module');
  return one(parts, graph.mul(graph.silu(gate), up), `${prefix}.down_proj`);
}

function norm({ graph, config, weight }: DecoderParts, x: Value, module: string): Value {
  return graph.rmsNorm(x, weight(`${module}.weight`), config.rmsNormEpsilon);
}

/** RMSNorm within each head (Qwen3). */
function headNorm(parts: DecoderParts, x: Value, module: string): Value {
  const { headSize } = parts.config;
  const width = dimensionAt(x.shape, -1);
  const heads = parts.graph.reshape(x, [...x.shape.slice(0, -1), Number(width) / headSize, headSize]);
  return parts.graph.reshape(norm(parts, heads, module), x.shape);
}

function one(parts: DecoderParts, x: Value, module: string): Value {
  const [result] = parts.project(x, [module]);
  if (result === undefined) throw new TypeError('project gives one value a module');
  return result;
}
