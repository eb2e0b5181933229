import { formatConfig } from '../config/format-config.ts';
import type { ModelInMemory } from '../inference/inference-model.ts';
import { checkTensors } from './check-tensors.ts';
import { encodeSafetensors } from './encode-safetensors.ts';

/** Metadata under which a packed model carries what is not weights, each as JSON. */
export const packedParts = { config: 'grm.config', tokenizer: 'grm.tokenizer', chatTemplate: 'grm.chat_template' } as const;

/**
 * A whole model as the bytes of one `.safetensors` file, fp32, with configuration, tokenizer and chat template in its metadata: what
 * one process hands another. Equal models give equal bytes. {@link unpackModel} reads it.
 * @throws WeightsError when tensors do not fit the configuration
 */
export function packModel({ config, tensors, tokenizer, chatTemplate }: ModelInMemory): Uint8Array<ArrayBuffer> {
  return encodeSafetensors(checkTensors(tensors, config, 'model to pack'), {
    [packedParts.config]: JSON.stringify(formatConfig(config)),
    ...(tokenizer === undefined ? {} : { [packedParts.tokenizer]: JSON.stringify(tokenizer) }),
    ...(chatTemplate === undefined ? {} : { [packedParts.chatTemplate]: JSON.stringify(chatTemplate) }),
  });
}
