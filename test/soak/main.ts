import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { repositoryFile } from '../support/repository-file.ts';
import { soakProgress } from './report/progress-line.ts';
import { reportText } from './report/report-text.ts';
import { soakReport } from './report/soak-report.ts';
import { writeReliabilityPage } from './report/write-reliability-page.ts';
import { soak } from './soak.ts';
import { type GroundKind, groundKinds, openSoaked } from './soaked.ts';

const above0 = (text: string): number => {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('a number above 0');
  return value;
};

const program = new Command('soak')
  .description('Random faults under steady load, and a check that every request got one verdict or one explicit error, and that every training step is accounted for.')
  .option('--minutes <n>', 'how long faults are struck', above0, 5)
  .option('--rate <n>', 'requests a second, on average; more than the machine can judge end in overloaded or deadline-exceeded', above0, 2)
  .option('--seed <n>', 'of the load and of the faults', above0, 1)
  .option('--faults <names>', 'only these, separated by commas')
  .addOption(new Option('--ground <ground>', 'what is soaked: processes of this machine, or pods of the cluster of `make cluster`').choices(groundKinds).default('local'))
  .option('--no-training', 'leave out the training run')
  .option('--folder <folder>', 'where the local ground keeps its files', repositoryFile('.grm/soak'))
  .option('--out <file>', 'where the figures go', repositoryFile('.grm/soak.json'))
  .option('--document <file>', 'page whose table of figures is written anew, as docs/reliability.md')
  .option('--json', 'print the figures as JSON')
  .parse();
const options = program.opts<{
  minutes: number;
  rate: number;
  seed: number;
  faults?: string;
  ground: GroundKind;
  training: boolean;
  folder: string;
  out: string;
  document?: string;
  json?: boolean;
}>();

/** A request may take this long, the time that a fault takes to heal included. */
const timeoutMs = { local: 20_000, cluster: 60_000 };
/** Pods are scheduled, and wait for their containers to be started again. */
const healWithinMs = { local: 120_000, cluster: 400_000 };

/** To work off a full queue. */
const backlogMs = { local: 15_000, cluster: 30_000 };

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());

const { ground: kind, minutes, rate, seed, training } = options;
const durationMs = minutes * 60_000;
using progress = soakProgress(durationMs);
await using soaked = await openSoaked({ ground: kind, folder: resolve(options.folder), minutes, training });
const wanted = options.faults?.split(',');
const history = await soak({
  ground: soaked.ground,
  durationMs,
  rate,
  seed,
  timeoutMs: timeoutMs[kind],
  quietMs: [4_000, 12_000],
  atOnce: 2,
  healWithinMs: healWithinMs[kind],
  replays: 50,
  faults: (burst) => soaked.faults(burst).filter(({ name }) => wanted?.includes(name) ?? true),
  log: progress.log,
  progress: progress.show,
  signal: interrupted.signal,
});
const trained = interrupted.signal.aborted ? undefined : await soaked.trained(progress.log);
const report = soakReport(history, { ground: kind, seed, rate, minutes, graceMs: 2_000, backlogMs: backlogMs[kind], ...(trained === undefined ? {} : { training: trained }) });
await mkdir(dirname(options.out), { recursive: true });
await writeFile(options.out, `${JSON.stringify(report, undefined, 2)}\n`);
if (options.document !== undefined) await writeReliabilityPage(resolve(options.document), report);
process.stdout.write(options.json === true ? `${JSON.stringify(report, undefined, 2)}\n` : `${reportText(report)}\n`);
process.exitCode = report.violations.length === 0 ? 0 : 1;
