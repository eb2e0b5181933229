import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { saveCheckpoint, type Checkpoint, type WeightTensor } from '@grm/language-model';
import type { StageContext } from '../run/stage.ts';

/** Saves a model with new weights in bf16 and puts it in the place of the run's policy. @param from what the weights are of */
export async function publishPolicy(context: StageContext, from: Checkpoint, tensors: ReadonlyMap<string, WeightTensor>): Promise<void> {
  const finished = join(context.folder, 'policy');
  await rm(finished, { recursive: true, force: true });
  const { config, tokenizer, chatTemplate } = from;
  await saveCheckpoint(finished, { config, tensors, tokenizer: tokenizer.json, chatTemplate: chatTemplate?.source.template, dtype: 'bf16' });
  await context.publish('policy', finished);
}
