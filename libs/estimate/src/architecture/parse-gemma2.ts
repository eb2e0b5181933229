import { z } from 'zod';
import type { Architecture, GroupedAttention, Layers } from './architecture.ts';
import { absent, decoderFields, headOf, size } from './config-fields.ts';

const config = z
  .looseObject({
    ...decoderFields,
    num_key_value_heads: size,
    head_dim: size,
    sliding_window: size,
    tie_word_embeddings: z.boolean().default(true),
    attention_bias: absent('attention_bias'),
  })
  .refine((raw) => raw.num_attention_heads % raw.num_key_value_heads === 0, {
    path: ['num_key_value_heads'],
    message: 'does not divide num_attention_heads',
  });

/** Gemma 2 (arXiv 2408.00118): the first and then every second layer looks back on a window only; norms before and after both halves of a layer. */
export function parseGemma2(value: unknown, family: string): Architecture {
  const raw = config.parse(value);
  const attention: GroupedAttention = {
    kind: 'grouped',
    heads: raw.num_attention_heads,
    keyValueHeads: raw.num_key_value_heads,
    headSize: raw.head_dim,
    biases: false,
    headNorms: false,
  };
  const rest = { feedForward: { kind: 'dense', intermediateSize: raw.intermediate_size }, norms: 4 } as const;
  const local = Math.ceil(raw.num_hidden_layers / 2);
  const layers: Layers[] = [
    { count: local, attention: { ...attention, window: raw.sliding_window }, ...rest },
    { count: raw.num_hidden_layers - local, attention, ...rest },
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
