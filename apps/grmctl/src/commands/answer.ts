import { type Answer, AnswerRequest, checkPayload, defaults, GrmError, limits, parsePayload } from '@grm/protocol';
import type { Command } from 'commander';
import { CommandError } from '../command-error.ts';
import { authorityOption, collect, credentialsOption, durationOption, folderOption, jsonOption, namespaceOption, realNumber, serverOption, wholeNumber } from '../command-options.ts';
import { openJudge } from '../service/open-judge.ts';
import { readInput } from '../service/read-input.ts';
import { findService, type ServiceOptions } from '../service/service-address.ts';
import { answerText } from '../terminal/answer-text.ts';
import { coloursFor, type Terminal, writeJson, writeLine } from '../terminal/terminal.ts';

interface AnswerOptions extends ServiceOptions {
  readonly filename?: string;
  readonly question?: string;
  readonly response?: string[];
  readonly reference?: string;
  readonly criterion?: string[];
  readonly candidates?: number;
  readonly threshold?: number;
  readonly rounds?: number;
  readonly temperature?: number;
  readonly maxTokens?: number;
  readonly samples?: number;
  readonly seed?: number;
  readonly judgements?: true;
  readonly timeout: number;
  readonly json?: boolean;
}

export function registerAnswer(program: Command, terminal: Terminal): void {
  const { candidates, threshold, rounds, temperature } = defaults.answer;
  program
    .command('answer')
    .summary('let a judge answer a question itself')
    .description('Has a service write candidates, judge them, and improve on the best by its critique; shows each round and the answer.')
    .option('-q, --question <text>', "the user's turn to answer")
    .option('-f, --filename <path>', 'an AnswerRequest as JSON; - for standard input')
    .option('-r, --response <text>', 'an answer of your own, judged beside those written; may be given several times', collect)
    .option('--reference <text>', 'a reference answer, for the judge')
    .option('--criterion <text>', 'a criterion to judge by; may be given several times', collect)
    .option('-c, --candidates <number>', `answers to write in each round (default: ${candidates})`, wholeNumber(1, limits.responses))
    .option('--threshold <number>', `mean score that is good enough (default: ${threshold})`, realNumber(limits.score.least, limits.score.most))
    .option('--rounds <number>', `how often the best may be improved on (default: ${rounds})`, wholeNumber(0, limits.rounds))
    .option('--temperature <number>', `of the writing (default: ${temperature})`, realNumber(0, limits.temperature))
    .option('--max-tokens <number>', "longest answer (default: the service's)", wholeNumber(1, limits.maxTokens))
    .option('-k, --samples <number>', 'judgements to draw in each round', wholeNumber(1, limits.samples))
    .option('--seed <number>', 'of writing and judging; same request and seed give the same answer', wholeNumber(0, limits.seed))
    .option('--judgements', 'show the judgements in full')
    .option('--service <name>', 'the GRMInferenceService (default: the only one that runs here)')
    .addOption(namespaceOption())
    .addOption(serverOption())
    .addOption(credentialsOption())
    .addOption(authorityOption())
    .addOption(folderOption())
    .addOption(durationOption('--timeout <duration>', 'how long to wait for the answer', '60s'))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  grmctl answer -q "What is 17 + 25?"
  grmctl answer -q "What is 17 + 25?" -r 43 -c 8 --threshold 8 --rounds 3
  jq -c . conversation.json | grmctl answer -f - --json`,
    )
    .action((options: AnswerOptions) => answer(options, terminal));
}

async function answer(options: AnswerOptions, terminal: Terminal): Promise<void> {
  const request = await requestOf(options, terminal);
  const target = await findService(options, terminal);
  await using client = await openJudge(target, { patienceMs: 5_000 });
  const given: Answer = await client.answer(request, { timeoutMs: options.timeout, signal: terminal.signal });
  if (options.json === true) writeJson(terminal.output, given);
  else writeLine(terminal.output, answerText(request, given, coloursFor(terminal.output, terminal.environment)));
}

async function requestOf(options: AnswerOptions, terminal: Terminal): Promise<AnswerRequest> {
  const { filename, question, response: responses, reference, criterion: criteria, candidates, threshold, rounds, temperature, maxTokens, samples, seed, judgements } = options;
  if ((filename === undefined) === (question === undefined)) {
    throw new CommandError('usage', filename === undefined ? 'nothing to answer: give --question, or a file with -f' : 'give either a file with -f, or --question, not both');
  }
  try {
    const read = filename === undefined ? { conversation: [{ role: 'user', content: question ?? '' }] } : await readRequest(filename, terminal);
    const wished = {
      ...read,
      ...defined({ responses, reference, criteria, candidates, threshold, rounds, detail: judgements && 'judgements' }),
      ...part('sampling', 'sampling' in read ? read.sampling : {}, { samples, seed }),
      ...part('writing', 'writing' in read ? read.writing : {}, { temperature, maxTokens }),
    };
    return checkPayload(AnswerRequest, wished, 'The request');
  } catch (error) {
    throw GrmError.isInstance(error) ? new CommandError('usage', error.message, { cause: error }) : error;
  }
}

async function readRequest(path: string, terminal: Terminal): Promise<AnswerRequest> {
  const { name, content } = await readInput(path, terminal);
  return parsePayload(AnswerRequest, content, name);
}

/** A part of the request with what the options say of it; left out where nobody says anything. */
function part(name: string, read: object | undefined, options: Readonly<Record<string, unknown>>): object {
  const wished = { ...read, ...defined(options) };
  return Object.keys(wished).length === 0 ? {} : { [name]: wished };
}

function defined(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
