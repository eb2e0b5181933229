import { tensorShapes, type DecoderConfig, type TrainingState } from '@grm/language-model';
import { CheckpointMismatchError } from './checkpoint-mismatch-error.ts';
import { modelSize, type ModelSize } from './model-size.ts';

/** A stage may put another head on the model that it starts from. */
const heads: ReadonlySet<string> = new Set(['lm_head.weight', 'score.weight']);

const inWords = ({ vocabularySize, hiddenSize, layers }: ModelSize): string =>
  `a vocabulary of ${vocabularySize}, hidden size ${hiddenSize}, ${layers} ${layers === 1 ? 'layer' : 'layers'}`;

/**
 * Holds a checkpoint's weights against the model that its stage starts from.
 * @throws {CheckpointMismatchError}
 */
export function checkCheckpointModel(name: string, { tensors }: TrainingState, model: DecoderConfig): void {
  const size = modelSize(tensors);
  const found = size === undefined ? 'no embeddings' : inWords(size);
  const expected = inWords(model);
  if (found !== expected) throw new CheckpointMismatchError(name, found, expected);
  for (const [tensor, shape] of tensorShapes(model)) {
    const stored = tensors.get(tensor)?.shape;
    if (stored === undefined ? heads.has(tensor) : stored.join() === shape.join()) continue;
    const storedInWords = stored === undefined ? `no ${tensor}` : `${tensor} [${stored.join(', ')}]`;
    throw new CheckpointMismatchError(name, storedInWords, `${tensor} [${shape.join(', ')}]`);
  }
}
