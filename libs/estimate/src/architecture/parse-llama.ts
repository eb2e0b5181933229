import { z } from 'zod';
import type { Architecture } from './architecture.ts';
import { absent, decoderFields, headOf, size } from './config-fields.ts';

const config = z
  .looseObject({
    ...decoderFields,
    num_key_value_heads: size.nullish(),
    head_dim: size.nullish(),
    tie_word_embeddings: z.boolean().default(false),
    mlp_bias: absent('mlp_bias'),
    attention_bias: z.boolean().nullish(),
    use_sliding_window: absent('use_sliding_window'),
  })
  .superRefine((raw, context) => {
    const fault = (field: string, message: string) => context.addIssue({ code: 'custom', path: [field], message });
    const keyValueHeads = raw.num_key_value_heads ?? raw.num_attention_heads;
    if (raw.num_attention_heads % keyValueHeads !== 0) fault('num_key_value_heads', `${keyValueHeads} does not divide the ${raw.num_attention_heads} attention heads`);
    if ((raw.head_dim ?? undefined) === undefined && raw.hidden_size % raw.num_attention_heads !== 0) {
      fault('hidden_size', `${raw.hidden_size} is no multiple of the ${raw.num_attention_heads} attention heads; head_dim is missing`);
    }
    if (raw['model_type'] !== 'qwen2' && raw.attention_bias === true) fault('attention_bias', 'a bias on the output projection is not known here: its parameters would be missed');
  });

/** Llama, Qwen2 (biases of query, key and value) and Qwen3 (norms of each head's queries and keys). */
export function parseLlama(value: unknown, family: string): Architecture {
  const raw = config.parse(value);
  return {
    family,
    hiddenSize: raw.hidden_size,
    vocabularySize: raw.vocab_size,
    contextLength: raw.max_position_embeddings,
    tiedEmbeddings: raw.tie_word_embeddings,
    head: headOf(raw.architectures),
    layers: [
      {
        count: raw.num_hidden_layers,
        attention: {
          kind: 'grouped',
          heads: raw.num_attention_heads,
          keyValueHeads: raw.num_key_value_heads ?? raw.num_attention_heads,
          headSize: raw.head_dim ?? raw.hidden_size / raw.num_attention_heads,
          biases: family === 'qwen2',
          headNorms: family === 'qwen3',
        },
        feedForward: { kind: 'dense', intermediateSize: raw.intermediate_size },
        norms: 2,
      },
    ],
  };
}
