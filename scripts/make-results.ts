/**
 * Carries out the runs of examples/ablations and writes what came of them: docs/results.md and docs/results.svg.
 *
 *   node scripts/make-results.ts [--folder FOLDER] [--parallel N] [--only TEXT] [--write-only]
 *
 * Runs go on where they were interrupted, and one that is complete is not done again; remove --folder to begin anew.
 */
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { parseManifests, type GRMTrainingRun } from '@grm/resources';
import { resultsPage } from './make-results/results-page.ts';
import { trainRun } from './train-run.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values: options } = parseArgs({
  options: {
    folder: { type: 'string', default: join(root, '.grm/results') },
    parallel: { type: 'string', default: String(availableParallelism()) },
    only: { type: 'string', default: '' },
    'write-only': { type: 'boolean', default: false },
  },
});

const manifest = join(root, 'examples/ablations/training-runs.yaml');
const runs = parseManifests(await readFile(manifest, 'utf8'), manifest).filter((resource): resource is GRMTrainingRun => resource.kind === 'GRMTrainingRun');

async function carryOut(): Promise<void> {
  const wanted = runs.filter(({ metadata }) => metadata.name.includes(options.only));
  const waiting = wanted.values();
  const failed: string[] = [];
  let done = 0;
  const work = async (): Promise<void> => {
    for (const run of waiting) {
      const { name } = run.metadata;
      const began = performance.now();
      const outcome = await trainRun({ run, from: manifest, folder: join(options.folder, name), models: join(root, 'models'), quiet: true }).then(
        () => `${((performance.now() - began) / 60_000).toFixed(1)} minutes`,
        (error: unknown) => {
          failed.push(name);
          return String(error);
        },
      );
      done += 1;
      process.stdout.write(`${done}/${wanted.length} ${name}: ${outcome}\n`);
    }
  };
  await Promise.all(Array.from({ length: Number(options.parallel) }, work));
  if (failed.length > 0) throw new Error(`these runs failed: ${failed.join(', ')}`);
}

if (!options['write-only']) await carryOut();
await writeFile(join(root, 'docs/results.md'), await resultsPage(options.folder));
await copyFile(join(options.folder, 'rft-grpo-seed1', 'evaluation', 'scaling.svg'), join(root, 'docs/results-final.svg'));
await copyFile(join(options.folder, 'base', 'evaluation', 'scaling.svg'), join(root, 'docs/results-base.svg'));
process.stdout.write('written: docs/results.md\n');
