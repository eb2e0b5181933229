import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EvaluationReport, type EvaluationDifference } from '@grm/protocol';
import { differencesTable, stoppingTable } from '@grm/trainer';
import { finalMetrics } from '../make-models/final-metrics.ts';
import { table } from '../make-models/model-card.ts';
import { compare } from './compare.ts';

const seeds = ['seed1', 'seed2', 'seed3'] as const;
const ofSeeds = (kind: string): string => seeds.map((seed) => `${kind}-${seed}`).join(',');
const finals = seeds.map((seed) => `rft-grpo-${seed}`);
const ablations = ['without-hinted', 'without-non-hinted', 'without-general', 'without-rejective', 'without-principles'] as const;

/** The page that tells what training brings, every figure from the runs in a folder. */
export async function resultsPage(folder: string): Promise<string> {
  const folderOf = (name: string): string => join(folder, name);
  const reportOf = async (name: string): Promise<EvaluationReport> => EvaluationReport.parse(JSON.parse(await readFile(join(folderOf(name), 'evaluation', 'evaluation.json'), 'utf8')));
  const base = await reportOf('base');
  const [final] = await Promise.all(finals.map(reportOf));
  if (final === undefined) throw new Error('no run of the whole method');
  const differences = (report: EvaluationReport, wanted: (difference: EvaluationDifference) => boolean): string =>
    report.suites.map((suite) => differencesTable(suite, report, wanted)).join('\n\n');
  const guided = (report: EvaluationReport): string => {
    const rows = report.rows.filter(({ category, method }) => category === 'reasoning' && /^(?:greedy|vote@8)/u.test(method));
    return rows.map(({ method, accuracy, low, high }) => `${method} ${(100 * accuracy).toFixed(1)} [${(100 * low).toFixed(1)}, ${(100 * high).toFixed(1)}]`).join(' · ');
  };
  const sections: readonly (readonly [heading: string, ...paragraphs: string[]])[] = [
    [
      'What each stage brings',
      `Means over three training seeds (item by item, then over items), all from one models/nano-base; \`base\` is that model. Every difference is paired on the same items.`,
      await compare(['base', '--group', `rft=${ofSeeds('rft')}`, '--group', `rft-grpo=${ofSeeds('rft-grpo')}`, '--group', `grpo=${ofSeeds('grpo')}`, '--method', 'greedy,vote@1,vote@8'], folderOf),
      'Reinforcement learning on top of rejective fine-tuning, against rejective fine-tuning alone:',
      await compare(['--group', `rft=${ofSeeds('rft')}`, '--group', `rft-grpo=${ofSeeds('rft-grpo')}`, '--method', 'greedy,vote@8'], folderOf),
      'By category:',
      await compare(['base', '--group', `rft=${ofSeeds('rft')}`, '--group', `rft-grpo=${ofSeeds('rft-grpo')}`, '--method', 'greedy', '--by', 'category'], folderOf),
    ],
    [
      'More samples',
      'On the base:',
      differences(base, ({ method, than }) => method.startsWith('vote@') && (than === 'greedy' || than.startsWith('vote@') || than === 'vote@1')),
      '![Accuracy by number of samples, base](results-base.svg)',
      'On the final policy (the first seed; the next table has the mean of three):',
      differences(final, ({ method, than }) => method.startsWith('vote@') && (than === 'greedy' || than.startsWith('vote@'))),
      await compare(['base', '--group', `final=${ofSeeds('rft-grpo')}`, '--method', 'greedy,vote@1,vote@8,vote@32,meta@8,meta@32,filter@8,filter@32'], folderOf),
      '![Accuracy by number of samples, final policy](results-final.svg)',
    ],
    [
      'The meta RM',
      'How well it tells right judgements from wrong ones, on items that no stage has trained on. Within an item is what a vote needs; over all items it partly ranks how hard an item is.',
      await metaTable(['base', ...finals], folderOf),
      'What it changes: weights by its probability (`meta@k`) and the published cut to the better half (`filter@k`) against plain voting with the same samples.',
      await metaDifferences(['base', ...finals], reportOf),
    ],
    ['Early stopping', 'Of 32 samples, on the base and on the final policy:', stoppingTable(base), stoppingTable(final)],
    [
      'With the reference answer',
      "Reasoning items, with and without the right answer given to the judge (published for DeepSeek-GRM-27B on verifiable tasks: 59.8 -> 91.6):",
      table(['', 'reasoning'], [['base', guided(base)], ['final policy', guided(final)]]),
    ],
    [
      'Ablations',
      'One seed each, the `without` ones with reinforcement learning after the stage that is changed; the first column is the whole method with that seed.',
      await compare(['rft-grpo-seed1', ...ablations, 'rft-seed1', 'heavy-rft', 'grpo-seed1', '--method', 'greedy,vote@8'], folderOf),
    ],
  ];
  const body = sections.flatMap(([heading, ...paragraphs]) => [`## ${heading}`, ...paragraphs]);
  return `${[await readFile(new URL('introduction.md', import.meta.url), 'utf8').then((text) => text.trim()), ...body].join('\n\n')}\n`;
}

const figure = (value: number | undefined): string => (value === undefined ? '' : value.toFixed(3));

async function metaTable(names: readonly string[], folderOf: (name: string) => string): Promise<string> {
  const rows = await Promise.all(
    names.map(async (name) => {
      const metrics = await finalMetrics(join(folderOf(name), 'metrics.jsonl'), 'metaRM');
      const { withinItemAreaUnderCurve, areaUnderCurve, accuracy, calibrationError, withinItemPairs = 0, trainedOn = 0 } = metrics;
      return [name, figure(withinItemAreaUnderCurve), figure(areaUnderCurve), figure(accuracy), figure(calibrationError), withinItemPairs, trainedOn];
    }),
  );
  return table(['', 'AUC within items', 'AUC over all', 'accuracy', 'calibration error', 'pairs within items', 'judgements learnt from'], rows);
}

async function metaDifferences(names: readonly string[], reportOf: (name: string) => Promise<EvaluationReport>): Promise<string> {
  const points = (value: number): string => (value > 0 ? '+' : '') + (100 * value).toFixed(1);
  const wanted = ['meta@8', 'filter@8', 'meta@32', 'filter@32'];
  const rows = await Promise.all(
    names.map(async (name) => {
      const { differences } = await reportOf(name);
      const cells = wanted.map((method) => {
        const found = differences.find((of) => of.method === method && of.than === method.replace(/^[a-z]+/u, 'vote') && of.measure === 'accuracy');
        return found === undefined ? '' : `${points(found.difference)} [${points(found.low)}, ${points(found.high)}]`;
      });
      return [name, ...cells];
    }),
  );
  return table(['less plain voting, points', ...wanted], rows);
}
