import { decodeSafetensors, encodeSafetensors } from '@grm/language-model';
import { z } from 'zod';
import { modelSize } from './model-size.ts';
import type { StageCheckpoint } from './stage-checkpoints.ts';

/** A checkpoint together with where it belongs. */
export interface CheckpointContent {
  readonly stage: string;
  /** Digest of what the run trains. */
  readonly run: string;
  readonly checkpoint: StageCheckpoint;
}

const count = z.string().regex(/^\d{1,15}$/).transform(Number);

/** `__metadata__` of the file: texts, as safetensors has it. */
const metadataSchema = z.object({
  /** Raised when an older reader would misread the file. */
  version: z.literal('1'),
  stage: z.string(),
  step: count,
  optimizerStep: count,
  run: z.string(),
  cursor: z.string().transform((text): unknown => JSON.parse(text)),
});

/**
 * One safetensors file with everything: weights and moments as tensors (fp32, bit for bit), the rest as metadata. The
 * model's size is there for readers; here it is read from the tensors.
 */
export function encodeCheckpoint({ stage, run, checkpoint }: CheckpointContent): Uint8Array<ArrayBuffer> {
  const { step, state, cursor } = checkpoint;
  const size = Object.entries(modelSize(state.tensors) ?? {}).map(([name, value]) => [name, String(value)] as const);
  return encodeSafetensors(state.tensors, {
    version: '1',
    stage,
    step: String(step),
    optimizerStep: String(state.step),
    run,
    cursor: JSON.stringify(cursor ?? null),
    ...Object.fromEntries(size),
  });
}

/**
 * @param name what errors call it
 * @throws {Error} it is no checkpoint of this version: a WeightsError, ZodError or SyntaxError
 */
export function decodeCheckpoint(content: Uint8Array, name: string): CheckpointContent {
  const { tensors, metadata } = decodeSafetensors(content, name);
  const { stage, step, optimizerStep, run, cursor } = metadataSchema.parse(metadata);
  return { stage, run, checkpoint: { step, state: { step: optimizerStep, tensors }, cursor } };
}
