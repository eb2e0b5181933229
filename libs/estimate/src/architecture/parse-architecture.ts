import { z } from 'zod';
import type { Architecture } from './architecture.ts';
import { ArchitectureError } from './architecture-error.ts';
import { parseDeepSeek } from './parse-deepseek.ts';
import { parseGemma2 } from './parse-gemma2.ts';
import { parseLlama } from './parse-llama.ts';

const FAMILIES: Readonly<Record<string, (value: unknown, family: string) => Architecture>> = {
  llama: parseLlama,
  qwen2: parseLlama,
  qwen3: parseLlama,
  gemma2: parseGemma2,
  deepseek_v2: parseDeepSeek,
  deepseek_v3: parseDeepSeek,
};

/**
 * Reads of a Hugging Face `config.json` what decides a model's size and cost. More architectures are known here than can be run:
 * only shapes are needed.
 *
 * @param value the parsed JSON.
 * @param file named in errors.
 * @throws {ArchitectureError}
 */
export function parseArchitecture(value: unknown, file = 'config.json'): Architecture {
  const named = z.looseObject({ model_type: z.string() }).safeParse(value);
  if (!named.success) throw new ArchitectureError(file, 'model_type is missing: not the config.json of a Hugging Face model');
  const { model_type: family } = named.data;
  const parse = FAMILIES[family];
  if (parse === undefined) throw new ArchitectureError(file, `model_type "${family}" is unknown; known are ${Object.keys(FAMILIES).join(', ')}`);
  try {
    return parse(value, family);
  } catch (error) {
    if (error instanceof z.ZodError) throw new ArchitectureError(file, z.prettifyError(error).replaceAll('\n', ' '), { cause: error });
    throw error;
  }
}
