import { checkPayload, GrmError, JudgeRequest, limits, metaRMRules, stoppingModes, type Verdict } from '@grm/protocol';
import { type Command, Option } from 'commander';
import { CommandError } from '../command-error.ts';
import { authorityOption, collect, credentialsOption, durationOption, folderOption, jsonOption, namespaceOption, realNumber, serverOption, wholeNumber } from '../command-options.ts';
import { openJudge } from '../service/open-judge.ts';
import { type JudgedFile, readJudgeRequest } from '../service/read-judge-request.ts';
import { findService, type ServiceOptions } from '../service/service-address.ts';
import { coloursFor, type Terminal, writeJson, writeLine } from '../terminal/terminal.ts';
import { verdictText } from '../terminal/verdict-text.ts';

interface JudgeOptions extends ServiceOptions {
  readonly filename?: string;
  readonly question?: string;
  readonly response?: string[];
  readonly reference?: string;
  readonly criterion?: string[];
  readonly samples?: number;
  readonly temperature?: number;
  readonly seed?: number;
  readonly stopping?: (typeof stoppingModes)[number];
  readonly metaRm?: (typeof metaRMRules)[number];
  readonly keep?: number;
  readonly judgements?: number | true;
  readonly timeout: number;
  readonly json?: boolean;
}

export function registerJudge(program: Command, terminal: Terminal): void {
  program
    .command('judge')
    .summary('ask a judge which response is best')
    .description('Sends one conversation with candidate responses to a service and shows its verdict.')
    .option('-q, --question <text>', "the user's turn that the responses answer")
    .option('-r, --response <text>', 'a candidate response; give it several times', collect)
    .option('-f, --filename <path>', 'a JudgeRequest or a preference item as JSON; - for standard input')
    .option('--reference <text>', 'a reference answer')
    .option('--criterion <text>', 'a criterion to judge by; may be given several times', collect)
    .option('--service <name>', 'the GRMInferenceService (default: the only one that runs here)')
    .addOption(namespaceOption())
    .addOption(serverOption())
    .addOption(credentialsOption())
    .addOption(authorityOption())
    .addOption(folderOption())
    .option('-k, --samples <number>', 'judgements to draw', wholeNumber(1, limits.samples))
    .option('--temperature <number>', 'of the sampling', realNumber(0, limits.temperature))
    .option('--seed <number>', 'of the sampling; same request and seed give the same verdict', wholeNumber(0, limits.seed))
    .addOption(new Option('--stopping <mode>', 'when to stop before all samples are drawn').choices(stoppingModes))
    .addOption(new Option('--meta-rm <rule>', "how the meta RM's opinion counts").choices(metaRMRules))
    .option('--keep <number>', 'samples that the rule Filter keeps', wholeNumber(1, limits.samples))
    .option('--judgements [number]', 'show the judgements in full, all or so many', wholeNumber(1, limits.samples))
    .addOption(durationOption('--timeout <duration>', 'how long to wait for the verdict', '30s'))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  grmctl judge -q "What is 17 + 25?" -r 42 -r 32
  grmctl judge -f item.json --samples 32 --judgements
  jq -c . item.json | grmctl judge -f - --json`,
    )
    .action((options: JudgeOptions) => judge(options, terminal));
}

async function judge(options: JudgeOptions, terminal: Terminal): Promise<void> {
  const { request, best } = await requestOf(options, terminal);
  const target = await findService(options, terminal);
  await using client = await openJudge(target, { patienceMs: 5_000 });
  const verdict: Verdict = await client.judge(request, { timeoutMs: options.timeout, signal: terminal.signal });
  if (options.json === true) writeJson(terminal.output, verdict);
  else {
    const shown = options.judgements === true ? undefined : options.judgements;
    const judgements = verdict.judgements?.slice(0, shown) ?? [];
    writeLine(terminal.output, verdictText(request, { ...verdict, judgements }, coloursFor(terminal.output, terminal.environment), best));
  }
}

async function requestOf(options: JudgeOptions, terminal: Terminal): Promise<JudgedFile> {
  const { filename, question, response, reference, criterion } = options;
  if (filename !== undefined && (question !== undefined || response !== undefined)) {
    throw new CommandError('usage', 'give either a file with -f, or --question and --response, not both');
  }
  if (filename === undefined && (question === undefined || response === undefined)) {
    throw new CommandError('usage', 'nothing to judge: give --question and one --response for each candidate, or a file with -f');
  }
  const read: JudgedFile =
    filename === undefined
      ? { request: { conversation: [{ role: 'user', content: question ?? '' }], responses: [...(response ?? [])] } }
      : await readJudgeRequest(filename, terminal);
  const wished = {
    ...read.request,
    ...(reference === undefined ? {} : { reference }),
    ...(criterion === undefined ? {} : { criteria: criterion }),
    ...samplingOf(options, read.request),
    ...voteOf(options, read.request),
    ...(options.judgements !== undefined ? { detail: 'judgements' } : {}),
  };
  try {
    return { ...read, request: checkPayload(JudgeRequest, wished, 'The request') };
  } catch (error) {
    throw GrmError.isInstance(error) ? new CommandError('usage', error.message, { cause: error }) : error;
  }
}

function samplingOf({ samples, temperature, seed, stopping }: JudgeOptions, request: JudgeRequest): object {
  const wished = defined({ ...request.sampling, ...defined({ samples, temperature, seed, stopping }) });
  return Object.keys(wished).length === 0 ? {} : { sampling: wished };
}

function voteOf({ metaRm, keep }: JudgeOptions, request: JudgeRequest): object {
  const wished = { ...request.vote, ...defined({ metaRM: metaRm, keep }) };
  return Object.keys(wished).length === 0 ? {} : { vote: wished };
}

function defined(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
