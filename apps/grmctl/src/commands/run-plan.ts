import {
  ASSUMPTIONS,
  type Assumptions,
  clusterOf,
  type ClusterOptions,
  CPU_STANDARDS,
  EstimateError,
  estimateRun,
  GPUS,
  impliedUtilisation,
  type RunEstimate,
  type StageName,
  STAGES,
} from '@grm/estimate';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { CommandError } from '../command-error.ts';
import { duration, jsonOption, realNumber, wholeNumber } from '../command-options.ts';
import { readRunFacts } from '../plan/read-run-facts.ts';
import { readTrainingRun } from '../plan/read-training-run.ts';
import { misfitText, planText } from '../terminal/plan-text.ts';
import { coloursFor, type Terminal, writeJson, writeLine } from '../terminal/terminal.ts';

interface Took {
  readonly stage: StageName;
  readonly seconds: number;
}

interface PlanOptions extends Partial<Assumptions> {
  readonly name?: string;
  readonly device?: string;
  readonly count?: number;
  readonly devicesPerNode?: number;
  /** GB. */
  readonly memory?: number;
  readonly gflops?: number;
  readonly keptJudgements?: number;
  readonly took?: readonly Took[];
  readonly json?: boolean;
}

export function registerRunPlan(run: Command, terminal: Terminal): void {
  const command = run
    .command('plan')
    .summary('what a training run takes, before anything runs')
    .description(
      'Reckons tokens, FLOPs, hours and memory of every stage of a GRMTrainingRun on the devices named. Only the manifest and the shapes of its models are read. A run that does not fit into memory is refused, with what would make it fit.',
    )
    .argument('<file>', 'manifest file with a GRMTrainingRun')
    .option('--name <name>', 'which run, where the file declares several')
    .option('--device <name>', `cpu, ${GPUS.map(({ name }) => name).join(', ')}, or a value of the node label nvidia.com/gpu.product (default: nodePool, else cpu)`)
    .option('--count <number>', 'GPUs, or threads of a CPU (default: engine.distributed and nodePool, else engine.embedded.threads)', wholeNumber(1, 1_000_000))
    .option('--devices-per-node <number>', 'GPUs joined fast enough for tensor parallelism (default: nodePool, else 8)', wholeNumber(1, 1024))
    .option('--memory <gigabytes>', `of a GPU, or of the machine (default: the device's; ${CPU_STANDARDS.memory / 1e9} for cpu)`, realNumber(0.001, 1_000_000))
    .option('--gflops <number>', `fp32 matrix products of one thread, GFLOP/s, for cpu (default: ${CPU_STANDARDS.gigaflops})`, realNumber(0.001, 1_000_000))
    .option('--kept-judgements <number>', "judgements in rft.kept (default: the file's lines)", wholeNumber(1, 1_000_000_000))
    .addOption(
      new Option('--took <stage=duration>', 'solve for the utilisation that this duration of its steps means; may be given several times').argParser(collectTook),
    )
    .addOption(jsonOption())
    .optionsGroup('Assumptions (default values are printed with the plan):');
  for (const entry of Object.values(ASSUMPTIONS)) command.addOption(new Option(`${entry.option} <${entry.unit}>`, entry.meaning).argParser(parserOf(entry)));
  command
    .addHelpText(
      'after',
      `
Examples:
  grmctl run plan examples/deepseek-grm-27b/run.yaml --took rft=19.2h --took grpo=15.6h
  grmctl run plan run.yaml --device H100-80GB --count 64
  grmctl run plan examples/models/nano.yaml --gflops 200 --json`,
    )
    .action((file: string, options: PlanOptions) => plan(file, options, terminal));
}

async function plan(file: string, options: PlanOptions, terminal: Terminal): Promise<void> {
  const source = await readTrainingRun(file, { folder: terminal.folder, ...(options.name === undefined ? {} : { name: options.name }) });
  const { keptJudgements } = options;
  const facts = { ...(await readRunFacts(source)), ...(keptJudgements === undefined ? {} : { keptJudgements }) };
  const { estimate, implied } = reckoned(() => {
    const cluster = clusterOf(source.run.spec, clusterOptions(options));
    const found = estimateRun({ run: source.run, facts, cluster, assumptions: assumptionsIn(options) });
    return { estimate: found, implied: (options.took ?? []).map(({ stage, seconds }) => impliedUtilisation(found, stage, seconds)) };
  });
  if (options.json === true) writeJson(terminal.output, { ...estimate, ...(implied.length === 0 ? {} : { implied }) });
  else writeLine(terminal.output, planText(estimate, implied, coloursFor(terminal.output, terminal.environment)));
  refuseMisfits(estimate);
}

function refuseMisfits({ misfits, cluster }: RunEstimate): void {
  if (misfits.length > 0) throw new CommandError('doesNotFit', misfitText(misfits, cluster));
}

/** Faults of assumptions are faults of the command line. */
function reckoned<Result>(reckon: () => Result): Result {
  try {
    return reckon();
  } catch (error) {
    throw error instanceof EstimateError ? new CommandError('usage', error.message, { cause: error }) : error;
  }
}

function clusterOptions({ device, count, devicesPerNode, memory, gflops }: PlanOptions): ClusterOptions {
  return {
    ...(device === undefined ? {} : { device }),
    ...(count === undefined ? {} : { count }),
    ...(devicesPerNode === undefined ? {} : { devicesPerNode }),
    ...(memory === undefined ? {} : { memory: memory * 1e9 }),
    ...(gflops === undefined ? {} : { gigaflops: gflops }),
  };
}

/** Options are named as assumptions are. */
function assumptionsIn(options: PlanOptions): Partial<Assumptions> {
  return Object.fromEntries(Object.entries(options).filter(([name]) => name in ASSUMPTIONS));
}

function parserOf({ unit, least, most }: (typeof ASSUMPTIONS)[keyof Assumptions]): (text: string) => number {
  if (unit === 'count') return wholeNumber(least, most);
  const parse = realNumber(least, most);
  return unit === 'milliseconds' ? (text) => parse(text) / 1000 : parse;
}

function collectTook(text: string, before: readonly Took[] = []): Took[] {
  const [name, time, ...rest] = text.split('=');
  const stage = STAGES.find((known) => known === name);
  if (stage === undefined || time === undefined || rest.length > 0) throw new InvalidArgumentError(`It must be a stage (${STAGES.join(', ')}) and a duration, such as rft=19.2h.`);
  return [...before, { stage, seconds: duration(time) / 1000 }];
}
