import { InvalidArgumentError, type Command } from 'commander';
import { CommandError } from '../command-error.ts';
import { folderOption, jsonOption, namespaceOption } from '../command-options.ts';
import { compareContestants } from '../compare/compare-contestants.ts';
import { contestantOf, type Contestant } from '../compare/contestant.ts';
import { readEvaluation, type RunPlaces } from '../compare/read-evaluation.ts';
import { comparisonMarkdown, comparisonText } from '../terminal/comparison-text.ts';
import { coloursFor, type Terminal, writeJson, writeLine } from '../terminal/terminal.ts';

interface RunGroup {
  /** Absent of a run alone, which goes by its own name. */
  readonly name?: string;
  readonly runs: readonly string[];
}

interface RunCompareOptions {
  readonly group?: readonly RunGroup[];
  readonly suite?: readonly string[];
  readonly method?: readonly string[];
  readonly by?: 'category';
  readonly shared?: boolean;
  readonly folder: string;
  readonly namespace: string;
  readonly json?: boolean;
  readonly markdown?: boolean;
}

export function registerRunCompare(run: Command, terminal: Terminal): void {
  run
    .command('compare')
    .summary('what is better: evaluations of training runs side by side')
    .description(
      'Prints accuracy by method for each run with 95 % intervals and, for every run after the first, how much better it is on the same items (paired bootstrap). Runs are named under the local folder, or by a folder or an evaluation.json.',
    )
    .argument('[runs...]', 'runs, the first is what the others are set against')
    .option('--group <name=runs>', 'runs of one kind with other seeds, as name=run1,run2: their mean, item by item (may be given several times)', groupOf)
    .option('--suite <list>', 'only these suites', list)
    .option('--method <list>', 'only these methods, such as greedy,vote@8', list)
    .option('--by <what>', 'category: also each category by itself', byCategory)
    .option('--shared', 'where runs were measured on other items, take those that both have')
    .addOption(folderOption())
    .addOption(namespaceOption())
    .option('--markdown', 'print Markdown')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  grmctl run compare base rft grpo
  grmctl run compare base grpo --method greedy,vote@8 --by category
  grmctl run compare --group base=base-1,base-2,base-3 --group no-hints=plain-1,plain-2,plain-3 --markdown`,
    )
    .action((runs: readonly string[], options: RunCompareOptions) => runCompare(runs, options, terminal));
}

async function runCompare(runs: readonly string[], options: RunCompareOptions, terminal: Terminal): Promise<void> {
  const { output, environment } = terminal;
  const groups = [...runs.map((run): RunGroup => ({ runs: [run] })), ...(options.group ?? [])];
  if (groups.length < 2) throw new CommandError('usage', 'nothing to compare: name two or more runs, or groups with --group');
  const places = { folder: terminal.folder, localFolder: options.folder, namespace: options.namespace };
  const [first, ...others] = await contestantsOf(groups, places);
  if (first === undefined) throw new CommandError('usage', 'nothing to compare');
  const namesakes = [first, ...others].find(({ name }, index, all) => all.findIndex((other) => other.name === name) < index);
  if (namesakes !== undefined) throw new CommandError('usage', `two are called ${namesakes.name}; give one of them another name with --group name=run`);
  const comparison = compareContestants([first, ...others], {
    ...(options.suite === undefined ? {} : { suites: options.suite }),
    ...(options.method === undefined ? {} : { methods: options.method }),
    byCategory: options.by === 'category',
    onlyShared: options.shared === true,
  });
  if (options.json === true) writeJson(output, comparison);
  else if (options.markdown === true) writeLine(output, comparisonMarkdown(comparison));
  else writeLine(output, comparisonText(comparison, coloursFor(output, environment)));
}

/** Runs of the same name, in different folders, go by the words that were given for them. */
async function contestantsOf(groups: readonly RunGroup[], places: RunPlaces): Promise<Contestant[]> {
  const read = await Promise.all(groups.map(async ({ name, runs }) => ({ name, words: runs, evaluations: await Promise.all(runs.map((run) => readEvaluation(run, places))) })));
  const names = read.map(({ name, evaluations: [only] }) => name ?? only?.name ?? '');
  return read.flatMap(({ name, words: [word = ''], evaluations: [first, ...others] }, index): Contestant[] => {
    if (first === undefined) return [];
    const own = names[index] ?? '';
    const unique = names.indexOf(own) === names.lastIndexOf(own);
    return [contestantOf(name ?? (unique ? own : word), [first, ...others])];
  });
}

function groupOf(text: string, before: readonly RunGroup[] | undefined): RunGroup[] {
  const [, name, runs] = /^([^=]+)=(.+)$/u.exec(text) ?? [];
  if (name === undefined || runs === undefined) throw new InvalidArgumentError('It must be name=run1,run2.');
  return [...(before ?? []), { name, runs: runs.split(',').map((run) => run.trim()) }];
}

const list = (text: string): string[] => text.split(',').map((word) => word.trim());

function byCategory(text: string): 'category' {
  if (text !== 'category') throw new InvalidArgumentError('It must be category.');
  return text;
}
