import type { CorpusSource, TrainingRunSpec } from '@grm/resources';
import { seededRandom } from '@grm/preferences';
import { templateByName } from '@grm/spct';
import { templateNameOf } from '../run/template-name.ts';
import type { Corpus } from './corpus.ts';
import { generalDocument, nanobenchCorpus } from './nanobench-corpus.ts';
import { readTextCorpus } from './text-corpus.ts';

/** A corpus from a seed. */
export type CorpusFrom = (seed: number) => Corpus;

/** What a model is pretrained on. */
export async function openCorpus({ template }: Pick<TrainingRunSpec, 'template'>, source: CorpusSource): Promise<CorpusFrom> {
  if ('volume' in source) return await readTextCorpus(source.volume.path);
  return (seed) => nanobenchCorpus(templateByName(templateNameOf(template)), seed);
}

/** General instruction data: a corpus without judgements. */
export async function openGeneralCorpus({ template }: Pick<TrainingRunSpec, 'template'>, source: CorpusSource): Promise<CorpusFrom> {
  if ('volume' in source) return await readTextCorpus(source.volume.path);
  return (seed) => {
    const random = seededRandom(seed);
    return { draw: () => generalDocument(templateByName(templateNameOf(template)), random) };
  };
}
