import type { EvaluationDifference, EvaluationReport, EvaluationSuite } from '@grm/protocol';
import { differenceWithInterval, figure, figureWithInterval } from './figures.ts';
import { markdownTable } from './markdown-table.ts';

export interface ReportTextOptions {
  /** What to run to measure the same again. */
  readonly command: string;
  /** File name of the scaling curves beside the report, where there are any. */
  readonly curve?: string;
}

/** An evaluation for people, in Markdown. */
export function reportText(report: EvaluationReport, options: ReportTextOptions): string {
  const sections = [
    '# Evaluation',
    subjectText(report),
    ...report.suites.flatMap((suite) => suiteSections(suite, report)),
    ...(options.curve === undefined ? [] : ['## Scaling', `![Accuracy by number of samples](${options.curve})`, ...report.suites.flatMap((suite) => curveSections(suite, report))]),
    '## Judgements',
    judgementsTable(report),
    ...(report.stopping.length === 0 ? [] : ['## Early stopping', stoppingText, stoppingTable(report)]),
    '## How it was measured',
    methodText(report),
    'To measure the same again:',
    `\`\`\`sh\n${options.command}\n\`\`\``,
  ];
  return `${sections.join('\n\n')}\n`;
}

function subjectText({ policy, metaRM }: EvaluationReport): string {
  const named = ({ name, revision }: EvaluationReport['policy']): string => `\`${name}\` (\`${revision}\`)`;
  return `Judge ${named(policy)}${metaRM === undefined ? ', without a meta RM' : `, meta RM ${named(metaRM)}`}.`;
}

const inSuite = ({ name, measure }: EvaluationSuite) => (of: { readonly suite: string; readonly measure: string }): boolean => of.suite === name && of.measure === measure;

function suiteSections(suite: EvaluationSuite, report: EvaluationReport): string[] {
  const { measure } = suite;
  const what = measure === 'accuracy' ? `Accuracy in %, on ${count(suite.items)} items` : `ROC-AUC of mean scores, on ${count(suite.items)} single responses`;
  return [
    `## ${suite.name}${measure === 'rocAuc' ? ' (single responses)' : ''}`,
    `${what}, with 95 % intervals; guessing reaches ${figure(suite.chance, measure)}.`,
    methodsTable(suite, report),
    'What is better than what, on the same items; bold where the interval leaves out zero:',
    differencesTable(suite, report),
  ];
}

/** A suite's figures by method and category. */
export function methodsTable(suite: EvaluationSuite, report: EvaluationReport): string {
  const rows = report.rows.filter(inSuite(suite));
  const categories = [...new Set(rows.flatMap(({ category }) => category ?? []))];
  const methods = [...new Set(rows.map(({ method }) => method))];
  const cell = (method: string, category: string | undefined): string => {
    const row = rows.find((of) => of.method === method && of.category === category);
    return row === undefined ? '' : figureWithInterval({ ...row, value: row.accuracy }, suite.measure);
  };
  return markdownTable(['', 'all', ...categories], methods.map((method) => [method, cell(method, undefined), ...categories.map((category) => cell(method, category))]));
}

/** What is better than what in a suite; of the differences those that are `wanted`. */
export function differencesTable(suite: EvaluationSuite, report: EvaluationReport, wanted: (difference: EvaluationDifference) => boolean = () => true): string {
  const differences = report.differences.filter(inSuite(suite)).filter(wanted);
  return markdownTable(
    ['', suite.measure === 'accuracy' ? 'difference in points' : 'difference'],
    differences.map((of) => [`${of.method} - ${of.than}`, differenceWithInterval({ ...of, value: of.difference }, suite.measure)]),
  );
}

function curveSections(suite: EvaluationSuite, report: EvaluationReport): string[] {
  const points = report.curve.filter(inSuite(suite));
  const rules = [...new Set(points.map(({ rule }) => rule))];
  const ks = [...new Set(points.map(({ samples }) => samples))].toSorted((a, b) => a - b);
  const cell = (rule: string, k: number): string => {
    const point = points.find((of) => of.rule === rule && of.samples === k);
    return point === undefined ? '' : figureWithInterval(point, suite.measure);
  };
  return points.length === 0 ? [] : [markdownTable([`${suite.name}, k`, ...rules], ks.map((k) => [String(k), ...rules.map((rule) => cell(rule, k))]))];
}

function judgementsTable({ judgements }: EvaluationReport): string {
  return markdownTable(
    ['suite', 'judgements', 'drawn', 'readable', 'mean length in tokens'],
    judgements.map(({ suite, kind, judgements: drawn, readable, meanTokens }) => [suite, kind, count(drawn), `${(100 * readable).toFixed(1)} %`, meanTokens.toFixed(1)]),
  );
}

const stoppingText = [
  'What a service would draw of all samples, wave by wave, replayed on those that were drawn. `Exact` stops where no outcome of the rest can change the winner;',
  '`Confident` where it is improbable, by an error rate of at most 5 % for any judge.',
].join(' ');

/** What early stopping would have drawn, and changed. */
export function stoppingTable({ stopping }: EvaluationReport): string {
  return markdownTable(
    ['suite', 'stopping', 'rule', 'drawn of', 'verdicts changed'],
    stopping.map(({ suite, mode, rule, asked, verdicts, meanDrawn, changed }) => [suite, mode, rule, `${meanDrawn.toFixed(1)} of ${asked}`, `${changed} of ${count(verdicts)}`]),
  );
}

/** How it was measured, in a paragraph. */
export function methodText({ settings, metaRM }: EvaluationReport): string {
  const { template, principles, temperature, maxTokens, samples, seed, confidence, resamples } = settings;
  const most = Math.max(...samples);
  return [
    `Of each item one greedy judgement and ${most} samples at temperature ${temperature}, every one with the responses in an order of its own (template \`${template}\`${principles ? '' : ', without principles'}, at most ${maxTokens} tokens, seed ${seed}).`,
    `\`vote@k\` sums the scores of k samples${metaRM === undefined ? '' : "; `meta@k` weights each by the meta RM's probability that it is sound, `filter@k` sums the half that the meta RM likes better"}.`,
    `Each is the mean over the disjoint groups of k among the ${most} samples. A tie counts 1/#tied, an item without a readable judgement a guess. \`+reference\`: with the item's reference answer shown.`,
    `Intervals: ${(100 * confidence).toFixed(0)} %, percentile bootstrap over items, ${count(resamples)} resamples (Wilson's where all are right or all wrong); differences are paired.`,
  ].join(' ');
}

const count = (value: number): string => value.toLocaleString('en');
