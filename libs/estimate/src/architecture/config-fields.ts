import { z } from 'zod';

export const size = z.int().positive().max(2 ** 31 - 1);

/** A feature that would add parameters which are not counted. */
export const absent = (feature: string) => z.literal(false, `${feature} is not known here: its parameters would be missed`).nullish();

/** What the `config.json` of every decoder says. */
export const decoderFields = {
  architectures: z.array(z.string()).nullish(),
  vocab_size: size,
  hidden_size: size,
  intermediate_size: size,
  num_hidden_layers: size,
  num_attention_heads: size,
  max_position_embeddings: size,
};

/** A scalar head is told by the model's class. */
export function headOf(architectures: readonly string[] | null | undefined): 'language' | 'scalar' {
  return architectures?.[0]?.endsWith('ForSequenceClassification') === true ? 'scalar' : 'language';
}
