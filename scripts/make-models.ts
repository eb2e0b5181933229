/**
 * Trains the models that come with the project, measures them on held-out items and writes their cards.
 *
 *   node scripts/make-models.ts [--manifest FILE] [--folder FOLDER] [--into FOLDER] [--items N] [--skip-training]
 *
 * The run goes on where an interrupted one stopped; remove --folder to train anew.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readFile, rm } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { measureSuites, readSuites, type SuitesMeasured } from '@grm/trainer';
import { writeJudgeCard } from './make-models/judge-card.ts';
import { writeMetaCard } from './make-models/meta-card.ts';
import { effectTable, suiteTables } from './make-models/suite-tables.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values: options } = parseArgs({
  options: {
    manifest: { type: 'string', default: join(root, 'examples/models/nano.yaml') },
    folder: { type: 'string', default: join(root, '.grm/models/nano') },
    into: { type: 'string', default: join(root, 'models') },
    items: { type: 'string', default: '1000' },
    'skip-training': { type: 'boolean', default: false },
  },
});
const judgeFolder = join(options.into, 'nano-judge');
const metaFolder = join(options.into, 'nano-meta-rm');
const metricsFile = join(options.folder, 'metrics.jsonl');
const measuring = { samples: [1, 8], temperature: 0.5, maxTokens: 192, template: 'compact', principles: true, referenceGuided: true } as const;

async function train(): Promise<void> {
  const trainer = spawn(process.execPath, [join(root, 'apps/trainer/dist/main.js'), '--standalone'], {
    stdio: 'inherit',
    env: { ...process.env, GRM_RUN: options.manifest, GRM_RUN_FOLDER: options.folder },
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => trainer.kill('SIGTERM'));
  const [code] = await once(trainer, 'exit');
  if (code !== 0) throw new Error(`the trainer ended with ${code}`);
}

async function publish(artifact: string, folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await cp(join(options.folder, 'artifacts', artifact), folder, { recursive: true });
}

async function measure(): Promise<SuitesMeasured> {
  const signal = AbortSignal.timeout(3_600_000);
  const suites = await readSuites([{ name: 'nanobench', builtin: 'nanobench' }], { count: Number(options.items) }, signal);
  return await measureSuites({ ...measuring, policy: judgeFolder, metaRM: metaFolder, suites, workers: Math.min(2, cpus().length), file: join(options.folder, 'judgements.jsonl'), signal });
}

if (!options['skip-training']) await train();
await publish('policy', judgeFolder);
await publish('metaRM', metaFolder);
const { report } = await measure();
const making = { manifest: await readFile(options.manifest, 'utf8'), metricsFile, report };
await writeJudgeCard(judgeFolder, making);
await writeMetaCard(metaFolder, making);
process.stdout.write(`${suiteTables(report)}\n\n${effectTable(report)}\n\nWritten: ${[judgeFolder, metaFolder].map((folder) => relative(process.cwd(), folder)).join(', ')}\n`);
