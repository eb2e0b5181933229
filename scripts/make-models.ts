/**
 * Trains the models that come with the project from nothing, each by its manifest under examples/models/, and writes their cards.
 *
 *   node scripts/make-models.ts [--folder FOLDER] [--into FOLDER] [--only nano-base|nano-judge]
 *
 * The runs go on where they were interrupted; remove --folder to train anew.
 */
import { cp, mkdir, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writeBaseCard } from './make-models/base-card.ts';
import { writeJudgeCard } from './make-models/judge-card.ts';
import type { Making } from './make-models/making.ts';
import { writeMetaCard } from './make-models/meta-card.ts';
import { readTrainingRun, trainRun } from './train-run.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values: options } = parseArgs({
  options: {
    folder: { type: 'string', default: join(root, '.grm/models') },
    into: { type: 'string', default: join(root, 'models') },
    only: { type: 'string' },
  },
});

interface Model {
  readonly name: string;
  readonly artifact: 'policy' | 'metaRM';
  readonly writeCard: (folder: string, making: Making) => Promise<void>;
}

/** The runs in order, and the models that each leaves. */
const runs: readonly { readonly manifest: string; readonly models: readonly Model[] }[] = [
  { manifest: 'nano-base', models: [{ name: 'nano-base', artifact: 'policy', writeCard: writeBaseCard }] },
  {
    manifest: 'nano-judge',
    models: [
      { name: 'nano-judge', artifact: 'policy', writeCard: writeJudgeCard },
      { name: 'nano-meta-rm', artifact: 'metaRM', writeCard: writeMetaCard },
    ],
  },
];

for (const { manifest, models } of runs) {
  if (options.only !== undefined && options.only !== manifest) continue;
  const file = join(root, 'examples/models', `${manifest}.yaml`);
  const run = join(options.folder, manifest);
  await trainRun({ run: await readTrainingRun(file), from: file, folder: run, models: options.into });
  for (const { name, artifact, writeCard } of models) {
    const folder = join(options.into, name);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await cp(join(run, 'artifacts', artifact), folder, { recursive: true });
    await writeCard(folder, { manifest: file, run });
    process.stdout.write(`written: ${relative(process.cwd(), folder)}\n`);
  }
}
