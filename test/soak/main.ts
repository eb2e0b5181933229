import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { repositoryFile } from '../support/repository-file.ts';
import { checkTraining } from './check/check-training.ts';
import { serviceFaults } from './faults/service-faults.ts';
import { trainingFaults } from './faults/training-faults.ts';
import { LocalGround } from './ground/local-ground.ts';
import { reportText } from './report/report-text.ts';
import { soakReport } from './report/soak-report.ts';
import { soak } from './soak.ts';
import { DisturbedRun } from './training/disturbed-run.ts';

const above0 = (text: string): number => {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('a number above 0');
  return value;
};

const program = new Command('soak')
  .description('Random faults under steady load, and a check that every request got one verdict or one explicit error, and that every training step is accounted for.')
  .option('--minutes <n>', 'how long faults are struck', above0, 5)
  .option('--rate <n>', 'requests a second, on average', above0, 5)
  .option('--seed <n>', 'of the load and of the faults', above0, 1)
  .option('--faults <names>', 'only these, separated by commas')
  .addOption(new Option('--ground <ground>', 'what is soaked').choices(['local', 'cluster']).default('local'))
  .option('--folder <folder>', 'where what is soaked keeps its files', repositoryFile('.grm/soak'))
  .option('--out <file>', 'where the figures go', repositoryFile('.grm/soak.json'))
  .option('--no-training', 'leave out the training run')
  .option('--json', 'print the figures as JSON')
  .parse();
const options = program.opts<{ minutes: number; rate: number; seed: number; faults?: string; ground: 'local' | 'cluster'; folder: string; out: string; training: boolean; json?: boolean }>();

const interrupted = new AbortController();
process.once('SIGINT', () => interrupted.abort());
process.once('SIGTERM', () => interrupted.abort());

const log = (line: string): void => void process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
const folder = resolve(options.folder);
await rm(folder, { recursive: true, force: true });
await mkdir(folder, { recursive: true });
await using ground = await LocalGround.open({ folder, samplers: 2, voters: 2, metaRMs: 1 });
await using run = options.training ? await DisturbedRun.start({ folder, natsUrl: await ground.url(), minutes: options.minutes }) : undefined;
const wanted = options.faults?.split(',');
const history = await soak({
  ground,
  durationMs: options.minutes * 60_000,
  rate: options.rate,
  seed: options.seed,
  timeoutMs: 20_000,
  quietMs: [4_000, 12_000],
  atOnce: 2,
  healWithinMs: 120_000,
  replays: 50,
  faults: (burst) => [...serviceFaults(ground, burst), ...(run === undefined ? [] : trainingFaults(run))].filter(({ name }) => wanted?.includes(name) ?? true),
  log,
  signal: interrupted.signal,
});
if (run !== undefined) log('waiting for the end of the training run, and carrying it out once more, undisturbed');
const training = run === undefined ? undefined : checkTraining(await run.history(600_000));
const report = soakReport(history, { ground: ground.kind, seed: options.seed, rate: options.rate, graceMs: 2_000, settleMs: 3_000, ...(training === undefined ? {} : { training }) });
await mkdir(dirname(options.out), { recursive: true });
await writeFile(options.out, `${JSON.stringify(report, undefined, 2)}\n`);
process.stdout.write(options.json === true ? `${JSON.stringify(report, undefined, 2)}\n` : `${reportText(report)}\n`);
process.exitCode = report.violations.length === 0 ? 0 : 1;
