import { z } from 'zod';
import { parseConfig } from '../config/parse-config.ts';
import type { ModelInMemory } from '../inference/inference-model.ts';
import { parseTokenizerJson } from '../tokenizer/tokenizer-json.ts';
import { checkTensors } from './check-tensors.ts';
import { decodeSafetensors } from './decode-safetensors.ts';
import { packedParts } from './pack-model.ts';
import { WeightsError } from './weights-error.ts';

const chatTemplateSource = z.object({ template: z.string(), variables: z.record(z.string(), z.string()), file: z.string() });

/**
 * Reads what {@link packModel} wrote.
 * @param source where the bytes come from; named in errors
 * @throws WeightsError, ModelConfigError, UnknownArchitectureError, TokenizerError
 */
export function unpackModel(bytes: Uint8Array, source: string): ModelInMemory {
  const { tensors, metadata } = decodeSafetensors(bytes, source);
  const part = (name: string): unknown => (metadata[name] === undefined ? undefined : parsePart(metadata[name], name, source));
  const config = parseConfig(part(packedParts.config), source);
  const tokenizer = part(packedParts.tokenizer);
  const chatTemplate = part(packedParts.chatTemplate);
  return {
    config,
    tensors: checkTensors(tensors, config, source),
    ...(tokenizer === undefined ? {} : { tokenizer: parseTokenizerJson(tokenizer, source) }),
    ...(chatTemplate === undefined ? {} : { chatTemplate: parseChatTemplate(chatTemplate, source) }),
  };
}

function parsePart(text: string, name: string, source: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new WeightsError(source, `${name} in its metadata is not JSON`, undefined, { cause });
  }
}

function parseChatTemplate(value: unknown, source: string): z.infer<typeof chatTemplateSource> {
  const parsed = chatTemplateSource.safeParse(value);
  if (!parsed.success) throw new WeightsError(source, `${packedParts.chatTemplate} in its metadata is no chat template`, undefined, { cause: parsed.error });
  return parsed.data;
}
