import { z } from 'zod';
import type { Architecture, FeedForward, LatentAttention, Layers } from './architecture.ts';
import { absent, decoderFields, headOf, size } from './config-fields.ts';

const config = z
  .looseObject({
    ...decoderFields,
    q_lora_rank: size.nullable(),
    kv_lora_rank: size,
    qk_nope_head_dim: size,
    qk_rope_head_dim: size,
    v_head_dim: size,
    moe_intermediate_size: size,
    n_routed_experts: size,
    n_shared_experts: z.int().nonnegative().nullable(),
    num_experts_per_tok: size,
    /** Layers before the first with experts. */
    first_k_dense_replace: z.int().nonnegative(),
    /** Every so many layers have experts. */
    moe_layer_freq: size.default(1),
    tie_word_embeddings: z.boolean().default(false),
    attention_bias: absent('attention_bias'),
  })
  .refine((raw) => raw.num_experts_per_tok <= raw.n_routed_experts, { path: ['num_experts_per_tok'], message: 'is more than n_routed_experts' });

/**
 * DeepSeek-V2 and -V3: latent attention and mixtures of experts. The module with which V3 predicts a second token
 * (`num_nextn_predict_layers`) is left out, as in its published 671B.
 */
export function parseDeepSeek(value: unknown, family: string): Architecture {
  const raw = config.parse(value);
  const attention: LatentAttention = {
    kind: 'latent',
    heads: raw.num_attention_heads,
    ...(raw.q_lora_rank === null ? {} : { queryRank: raw.q_lora_rank }),
    keyValueRank: raw.kv_lora_rank,
    plainSize: raw.qk_nope_head_dim,
    rotarySize: raw.qk_rope_head_dim,
    valueSize: raw.v_head_dim,
  };
  const experts: FeedForward = {
    kind: 'experts',
    routed: raw.n_routed_experts,
    active: raw.num_experts_per_tok,
    shared: raw.n_shared_experts ?? 0,
    intermediateSize: raw.moe_intermediate_size,
    routerBias: family === 'deepseek_v3',
  };
  const mixtures = Array.from({ length: raw.num_hidden_layers }, (_, layer) => layer).filter(
    (layer) => layer >= raw.first_k_dense_replace && layer % raw.moe_layer_freq === 0,
  ).length;
  const layers: Layers[] = [
    { count: raw.num_hidden_layers - mixtures, attention, feedForward: { kind: 'dense', intermediateSize: raw.intermediate_size }, norms: 2 },
    { count: mixtures, attention, feedForward: experts, norms: 2 },
  ];
  return {
    family,
    hiddenSize: raw.hidden_size,
    vocabularySize: raw.vocab_size,
    contextLength: raw.max_position_embeddings,
    tiedEmbeddings: raw.tie_word_embeddings,
    head: headOf(raw.architectures),
    layers: layers.filter(({ count }) => count > 0),
  };
}
