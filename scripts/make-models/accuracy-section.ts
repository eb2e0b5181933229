import type { EvaluationReport, EvaluationRow } from '@grm/protocol';
import { table } from './model-card.ts';

const percent = (share: number): string => (100 * share).toFixed(1);
const cell = (row: EvaluationRow | undefined): string => (row === undefined ? '' : `${percent(row.accuracy)} [${percent(row.low)}, ${percent(row.high)}]`);
const points = (value: number): string => (value > 0 ? '+' : '') + (100 * value).toFixed(1);

/** A suite's accuracy by method and category, in percent, and every method against plain voting and greedy. */
export function accuracySection(report: EvaluationReport, suite: string): string {
  const rows = report.rows.filter((row) => row.suite === suite && row.measure === 'accuracy');
  const methods = [...new Set(rows.map(({ method }) => method))];
  const categories = [...new Set(rows.flatMap(({ category }) => category ?? []))];
  const { items = 0, chance = 0 } = report.suites.find((of) => of.name === suite && of.measure === 'accuracy') ?? {};
  const find = (method: string, category: string | undefined): EvaluationRow | undefined => rows.find((row) => row.method === method && row.category === category);
  const legend = `${items} held-out items, percent with 95 % intervals (bootstrap over items); ties count 1/#tied; guessing reaches ${percent(chance)}. T = ${report.settings.temperature} where sampled, responses shuffled for each sample; \`meta\` weighs samples by the meta RM's probability, \`filter\` keeps the better half; \`+reference\`: the right answer is shown.`;
  const differences = report.differences.filter((of) => of.suite === suite && of.measure === 'accuracy');
  return [
    legend,
    table(['', 'all', ...categories], methods.map((method) => [method, cell(find(method, undefined)), ...categories.map((category) => cell(find(method, category)))])),
    table(
      ['', 'against', 'points [95 %, paired bootstrap]'],
      differences.map(({ method, than, difference, low, high }) => [method, than, `${points(difference)} [${points(low)}, ${points(high)}]`]),
    ),
  ].join('\n\n');
}

/** How single responses with a label are told apart. */
export function singleSection(report: EvaluationReport): string {
  const rows = report.rows.filter(({ measure, category }) => measure === 'rocAuc' && category === undefined);
  return table(['', 'ROC-AUC [95 %]', 'items'], rows.map(({ method, accuracy, low, high, items }) => [method, `${accuracy.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`, items]));
}
