import type { JudgeClient } from '@grm/client';
import { type GateReport, limits } from '@grm/protocol';
import { gateReport } from '@grm/service-kit';
import { type Command, Option } from 'commander';
import { CommandError } from '../command-error.ts';
import { authorityOption, credentialsOption, folderOption, jsonOption, namespaceOption, serverOption, wholeNumber } from '../command-options.ts';
import { comparablePicks, gateReportOf } from '../gate/gate-report-of.ts';
import { type GateItem, gateItems, type GateSuite, gateSuites } from '../gate/gate-suite.ts';
import { putReport } from '../gate/put-report.ts';
import { type OtherRevision, runGate } from '../gate/run-gate.ts';
import { openConnection } from '../service/open-connection.ts';
import { openJudge } from '../service/open-judge.ts';
import { findService, type ServiceOptions, type ServiceTarget } from '../service/service-address.ts';
import { gateText } from '../terminal/gate-text.ts';
import { startProgress } from '../terminal/progress.ts';
import { coloursFor, type Terminal, writeJson, writeLine } from '../terminal/terminal.ts';

interface GateOptions extends ServiceOptions {
  readonly revision: string;
  readonly against?: string;
  readonly suite: GateSuite;
  readonly items: number;
  readonly seed: number;
  /** Seconds. */
  readonly deadline: number;
  readonly concurrency: number;
  readonly json?: boolean;
}

/** Time kept for writing the report, so that whoever set the deadline has it by then, s. */
const LONGEST_RESERVE_SECONDS = 30;

export function registerGate(program: Command, terminal: Terminal): void {
  program
    .command('gate')
    .summary('measure one revision of a service before it serves')
    .description(
      'Judges a suite by one revision of a service, with the sampling and the vote that it will serve with, and writes its accuracy, and its agreement with another revision, to NATS, where the operator decides by them.',
    )
    .option('--service <name>', 'the GRMInferenceService (default: the only one that runs here)')
    .addOption(namespaceOption())
    .requiredOption('--revision <name>', 'the revision to measure')
    .option('--against <revision>', 'the revision to agree with; what its own gate found is used where it judged the same')
    .addOption(new Option('--suite <name>', 'what to judge').choices(gateSuites).default('nanobench'))
    .option('--items <number>', 'how many of it', wholeNumber(1, 10_000), 200)
    .option('--seed <number>', 'of the items and of the sampling', wholeNumber(0, limits.seed), 1)
    .option('--deadline <seconds>', 'time until the report has to be there', wholeNumber(1, 86_400), 900)
    .option('-c, --concurrency <number>', 'requests at a time to each revision', wholeNumber(1, 1024), 4)
    .addOption(serverOption())
    .addOption(credentialsOption())
    .addOption(authorityOption())
    .addOption(folderOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  grmctl gate --service judge --revision r1a2b3c4d
  grmctl gate --service judge --revision r1a2b3c4d --against r9z8y7x6w --items 500 --json

What was found, good or bad, is worth exit code 0. When not all could be judged, the report says so in \`error\`, and the exit code is 1.`,
    )
    .action((options: GateOptions) => gate(options, terminal));
}

async function gate(options: GateOptions, terminal: Terminal): Promise<void> {
  const { revision } = options;
  const deadline = Date.now() + options.deadline * 1000;
  const service = await findService(options, terminal);
  const connection = await openConnection(service);
  await using _closing = { [Symbol.asyncDispose]: () => connection.close() };
  const address = { namespace: service.namespace, service: service.service, revision };
  const report = await measure(options, service, (of) => gateReport(connection, { ...address, revision: of }), terminal);
  // Whoever ended this program has it started again elsewhere; that is nothing that the revision did.
  terminal.signal.throwIfAborted();
  if (!(await isWorse(report, () => gateReport(connection, address), options))) await putReport(connection, address, report, { deadline, signal: terminal.signal });
  if (options.json === true) writeJson(terminal.output, { ...address, ...report });
  else writeLine(terminal.output, gateText(revision, report, coloursFor(terminal.output, terminal.environment)));
  if (report.error !== undefined) throw new CommandError('failure', `revision ${revision} could not be measured: ${report.error}`);
}

/** Whether an attempt that could not judge would take the place of one that could, of the same items and seeds: then what was found stays. */
async function isWorse({ error }: GateReport, before: () => Promise<GateReport | undefined>, { suite, items, seed }: GateOptions): Promise<boolean> {
  if (error === undefined) return false;
  // What cannot be read is written over: a report that says why is better than none.
  const known = await before().catch(() => undefined);
  return comparablePicks(known, { suite, count: items, seed }) !== undefined;
}

async function measure(options: GateOptions, service: ServiceTarget, knownOf: (revision: string) => Promise<GateReport | undefined>, terminal: Terminal): Promise<GateReport> {
  const { suite, seed, concurrency, revision, against } = options;
  const items = itemsOf(options);
  if ('error' in items) return gateReportOf({ suite, items: [], seed, judgedAt: new Date(), picks: new Map(), error: items.error });
  const seconds = options.deadline - Math.min(LONGEST_RESERVE_SECONDS, options.deadline / 10);
  const end = Date.now() + seconds * 1000;
  const signal = AbortSignal.any([terminal.signal, AbortSignal.timeout(seconds * 1000)]);
  // A candidate's voters may come up at the same time as its gate.
  const judgeOf = (of: string) => openJudge({ ...service, revision: of }, { patienceMs: seconds * 1000 });
  const asking = (client: JudgeClient): OtherRevision['judge'] => (request, until) => client.judge(request, { timeoutMs: Math.max(1, end - Date.now()), signal: until });
  await using candidate = await judgeOf(revision);
  await using other = against === undefined ? undefined : await judgeOf(against);
  using progress = startProgress(terminal.errors, 'judging');
  // `await`, or the clients would be closed before anything is judged.
  return await runGate({
    suite,
    items,
    seed,
    concurrency,
    judge: asking(candidate),
    ...(against === undefined || other === undefined ? {} : { against: { revision: against, report: await knownOf(against), judge: asking(other) } }),
    signal,
    seconds,
    progress: (done, total) => progress.update(done, total),
    warn: (message) => writeLine(terminal.errors, message),
  });
}

/** The items, or why the suite has not so many. */
function itemsOf({ suite, items, seed }: GateOptions): readonly GateItem[] | { readonly error: string } {
  try {
    return gateItems(suite, items, seed);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { error: `${error.message}; ask for fewer` };
  }
}
