import { resolve } from 'node:path';
import { type NanobenchSplit, benchmarkFormats, nanobenchSplits } from '@grm/preferences';
import { limits, stoppingModes } from '@grm/protocol';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { benchItems } from '../bench/bench-items.ts';
import { type BenchReport, benchReport } from '../bench/bench-report.ts';
import { type Method, parseMethod } from '../bench/method.ts';
import { type BenchItem, runBench } from '../bench/run-bench.ts';
import { authorityOption, credentialsOption, durationOption, folderOption, jsonOption, namespaceOption, realNumber, serverOption, wholeNumber } from '../command-options.ts';
import { writeJsonFile } from '../files/json-file.ts';
import { openJudge } from '../service/open-judge.ts';
import { findService, type ServiceOptions } from '../service/service-address.ts';
import { benchText } from '../terminal/bench-text.ts';
import { startProgress } from '../terminal/progress.ts';
import { coloursFor, type Terminal, writeJson, writeLine } from '../terminal/terminal.ts';

const STANDARD_METHODS = 'greedy,vote@8,meta@8';

interface BenchOptions extends ServiceOptions {
  readonly items: string;
  readonly format?: string;
  readonly count?: number;
  readonly split: NanobenchSplit;
  readonly methods: readonly Method[];
  readonly concurrency: number;
  readonly seed: number;
  readonly temperature?: number;
  readonly stopping: (typeof stoppingModes)[number];
  readonly timeout: number;
  readonly report?: string;
  readonly json?: boolean;
}

export function registerBench(program: Command, terminal: Terminal): void {
  program
    .command('bench')
    .summary('measure a running judge: accuracy and speed')
    .description(
      'Judges items whose best response is known and prints accuracy by method and category with 95 % intervals, which method beats which, throughput and latency.',
    )
    .option('--items <source>', 'nanobench (generated), or a JSONL file with one preference item a line', 'nanobench')
    .addOption(new Option('--format <name>', "the file's format, where it is a public benchmark's").choices(benchmarkFormats.map(({ name }) => name)))
    .option('--count <number>', 'how many items (default: 240 of nanobench, all of a file)', wholeNumber(1, 1_000_000))
    .addOption(new Option('--split <name>', 'of nanobench').choices(nanobenchSplits).default('test'))
    .addOption(
      new Option('--methods <list>', 'greedy, vote@k, meta@k (weighted by the meta RM), filter@k (its best half)')
        .argParser(methodList)
        .default(methodList(STANDARD_METHODS), STANDARD_METHODS),
    )
    .option('--service <name>', 'the GRMInferenceService (default: the only one that runs here)')
    .addOption(namespaceOption())
    .addOption(serverOption())
    .addOption(credentialsOption())
    .addOption(authorityOption())
    .addOption(folderOption())
    .option('-c, --concurrency <number>', 'requests at a time', wholeNumber(1, 1024), 8)
    .option('--seed <number>', 'of the items and of the sampling', wholeNumber(0, limits.seed), 1)
    .option('--temperature <number>', "of vote, meta and filter (default: the service's)", realNumber(0, limits.temperature))
    .addOption(new Option('--stopping <mode>', 'when to stop before all samples are drawn').choices(stoppingModes).default('Never'))
    .addOption(durationOption('--timeout <duration>', 'for one verdict', '60s'))
    .option('--report <file>', 'also write the report to this file, as JSON')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  grmctl bench
  grmctl bench --methods vote@1,vote@8,vote@32,meta@32 --count 1000
  grmctl bench --items reward-bench.jsonl --format reward-bench --json > report.json`,
    )
    .action((options: BenchOptions) => bench(options, terminal));
}

async function bench(options: BenchOptions, terminal: Terminal): Promise<void> {
  const { errors, output, environment, signal } = terminal;
  const items = await benchItems({ ...options, folder: terminal.folder, signal });
  const target = await findService(options, terminal);
  const report = await measure(items, target, options, terminal);
  const full = { service: target, ...report };
  if (options.report !== undefined) await writeJsonFile(resolve(terminal.folder, options.report), full);
  if (options.json === true) writeJson(output, full);
  else writeLine(output, benchText(report, coloursFor(output, environment)));
  if (items.some(({ category }) => category === undefined)) writeLine(errors, 'Items without a category count only under ALL.');
}

async function measure(items: readonly BenchItem[], target: Parameters<typeof openJudge>[0], options: BenchOptions, terminal: Terminal): Promise<BenchReport> {
  await using client = await openJudge(target, { patienceMs: 10_000 });
  using progress = startProgress(terminal.errors, 'judging');
  const { seed, temperature, stopping, timeout: timeoutMs, methods, concurrency } = options;
  const { outcomes, times } = await runBench({
    items,
    methods,
    judge: (request) => client.judge(request, { timeoutMs, signal: terminal.signal }),
    concurrency,
    settings: { seed, stopping, ...(temperature === undefined ? {} : { temperature }) },
    signal: terminal.signal,
    progress: (done, total, { method }) => progress.update(done, total, method),
  });
  return benchReport(outcomes, times);
}

function methodList(text: string): Method[] {
  const methods = text.split(',').map((word) => {
    const method = parseMethod(word.trim());
    if (method === undefined) throw new InvalidArgumentError(`${word} is no method; known are greedy, vote@k, meta@k and filter@k with k from 1 to ${limits.samples}.`);
    return method;
  });
  if (new Set(methods.map(({ name }) => name)).size < methods.length) throw new InvalidArgumentError('A method is named twice.');
  return methods;
}
