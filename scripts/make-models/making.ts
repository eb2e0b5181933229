import type { EvaluationReport } from '@grm/protocol';
import { describeCheckpoint, tensorShapes } from '@grm/language-model';

/** How models were made and what they can do: what their cards tell. */
export interface Making {
  /** Text of the training run's manifest. */
  readonly manifest: string;
  readonly metricsFile: string;
  readonly report: EvaluationReport;
}

export const commandOf = ({ manifest }: Making): string =>
  [
    '`make models`, that is `node scripts/make-models.ts`, with the manifest below. The same code on the same kind of machine gives the same weights; another version rounds otherwise, and gives others as good.',
    '',
    '```yaml',
    manifest.trimEnd(),
    '```',
  ].join('\n');

export interface ModelFacts {
  readonly parameters: string;
  readonly revision: string;
}

/** What a saved model's files say of it. */
export async function modelFacts(folder: string): Promise<ModelFacts> {
  const { config, revision } = await describeCheckpoint(folder);
  const sizes = [...tensorShapes(config).values()].map((shape) => shape.reduce((product, extent) => product * extent, 1));
  return { parameters: sizes.reduce((sum, size) => sum + size, 0).toLocaleString('en'), revision: `\`${revision}\`` };
}
