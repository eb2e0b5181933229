import type { ComparedCell } from '../compare/column-of.ts';
import type { ComparedSuite, Comparison } from '../compare/compare-contestants.ts';
import { markdownTable } from './markdown-table.ts';
import { table } from './table.ts';
import type { Colours } from './terminal.ts';

type Measure = ComparedSuite['measure'];

/** A comparison for people. Differences whose interval leaves out zero stand out. */
export function comparisonText(comparison: Comparison, colours: Colours): string {
  return render(comparison, {
    heading: (text) => text,
    sure: (text, better) => (better ? colours.green(text) : colours.red(text)),
    table: (head, rows) => table(head.map((title) => ({ title })), rows, colours),
  });
}

/** The same in Markdown. */
export function comparisonMarkdown(comparison: Comparison): string {
  return render(comparison, { heading: (text) => `## ${text}\n`, sure: (text) => `**${text}**`, table: markdownTable });
}

interface Style {
  readonly heading: (text: string) => string;
  /** A difference whose interval leaves out zero. */
  readonly sure: (text: string, better: boolean) => string;
  readonly table: (head: readonly string[], rows: readonly (readonly string[])[]) => string;
}

function render({ contestants, suites, notes }: Comparison, style: Style): string {
  const [first, ...others] = contestants;
  const names = ['METHOD', ...(suites.some(({ rows }) => rows.some(({ category }) => category !== undefined)) ? ['CATEGORY'] : [])];
  const head = [...names, first?.name ?? '', ...others.flatMap(({ name }) => [name, `${name} - ${first?.name}`])];
  const groups = contestants.filter(({ runs }) => runs.length > 1).map(({ name, runs }) => `${name}: mean of ${runs.join(', ')}, each in brackets. The intervals are over items: they do not tell how far other seeds would scatter.`);
  return [
    ...suites.flatMap(({ suite, measure, rows }) => [
      style.heading(`${suite}: ${measure === 'accuracy' ? 'accuracy in %' : 'ROC-AUC'}, 95 % intervals, differences from ${first?.name}${measure === 'accuracy' ? ' in points' : ''}`),
      style.table(
        head,
        rows.map(({ method, category, cells }) => [
          method,
          ...(names.length > 1 ? [category ?? 'all'] : []),
          ...cells.flatMap((cell, index) => [valueText(cell, measure), ...(index === 0 ? [] : [differenceText(cell?.difference, measure, style)])]),
        ]),
      ),
      '',
    ]),
    ...groups,
    ...notes,
  ].join('\n').trimEnd();
}

const figure = (value: number, measure: Measure): string => (measure === 'accuracy' ? (100 * value).toFixed(1) : value.toFixed(3));

function valueText(cell: ComparedCell | undefined, measure: Measure): string {
  if (cell === undefined) return '-';
  const [value, low, high] = [cell.value, cell.low, cell.high].map((of) => figure(of, measure));
  const runs = cell.runs === undefined ? '' : ` (${cell.runs.map((of) => figure(of, measure)).join(' ')})`;
  return `${value} [${low}, ${high}]${runs}`;
}

function differenceText(difference: ComparedCell['difference'], measure: Measure, { sure }: Style): string {
  if (difference === undefined) return '-';
  const signed = (of: number): string => `${of < 0 ? '-' : '+'}${figure(Math.abs(of), measure)}`;
  const { value, low, high, paired } = difference;
  const text = `${signed(value)} [${signed(low)}, ${signed(high)}]${paired ? '' : ' unpaired'}`;
  return low > 0 || high < 0 ? sure(text, low > 0) : text;
}
