import { join } from 'node:path';
import { saveCheckpoint } from '@grm/language-model';
import { templateByName } from '@grm/spct';
import { nanobenchCorpus } from '../corpus/nanobench-corpus.ts';
import { newModel } from '../stages/pretrain/starting-model.ts';
import { runFolder } from './tiny-run.ts';

const shape = { architecture: 'llama', hiddenSize: 16, layers: 1, heads: 2, intermediateSize: 32, vocabularySize: 1200, contextLength: 256, tiedEmbeddings: false } as const;

/** An untrained model of a size for tests, saved; its tokenizer knows nanobench. @returns its folder */
export async function tinyBase(): Promise<string> {
  const folder = join(await runFolder(), 'base');
  const { config, tensors, tokenizer } = newModel(shape, nanobenchCorpus(templateByName('compact'), 1), 1);
  await saveCheckpoint(folder, { config, tensors, tokenizer: tokenizer.json });
  return folder;
}
