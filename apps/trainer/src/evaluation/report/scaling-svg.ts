import type { EvaluationReport, EvaluationSuite, ScalingPoint } from '@grm/protocol';
import type { ScalingRule } from '../measures/method.ts';
import { spreadLabels } from './spread-labels.ts';
import { ticksOf } from './ticks.ts';

/** Of one suite's panel, in pixels. */
const size = { width: 640, height: 340 } as const;
const margin = { left: 52, right: 92, top: 44, bottom: 44 } as const;
const plot = { left: margin.left, right: size.width - margin.right, top: margin.top, bottom: size.height - margin.bottom } as const;

/** Least height of a panel's axis, of 1. */
const leastSpan = 0.02;

/** Colours of middle lightness, which stand out on light and on dark pages; each rule has a mark of its own too. */
const grey = '#7d8590';
const looks: Readonly<Record<ScalingRule, { readonly colour: string; readonly mark: (x: number, y: number) => string }>> = {
  vote: { colour: '#2f81f7', mark: (x, y) => `<circle cx="${x}" cy="${y}" r="4"/>` },
  meta: { colour: '#d9730d', mark: (x, y) => `<rect x="${round(x - 3.5)}" y="${round(y - 3.5)}" width="7" height="7"/>` },
  filter: { colour: '#a475f9', mark: (x, y) => `<path d="M${x} ${round(y - 5)}L${round(x + 4.6)} ${round(y + 3.6)}L${round(x - 4.6)} ${round(y + 3.6)}Z"/>` },
};

const round = (value: number): number => Math.round(value * 10) / 10;
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

interface TextLook {
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly colour?: string;
  readonly weight?: number;
}

const text = (x: number, y: number, content: string, { anchor = 'start', colour = grey, weight = 400 }: TextLook = {}): string =>
  `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}" fill="${colour}" font-weight="${weight}">${escaped(content)}</text>`;

/** Where values stand in a panel. */
interface Scale {
  readonly x: (samples: number) => number;
  readonly y: (value: number) => number;
  readonly samples: readonly number[];
  readonly ticks: readonly number[];
}

function scaleOf(points: readonly ScalingPoint[], greedy: number | undefined): Scale {
  const samples = [...new Set(points.map((point) => point.samples))].toSorted((a, b) => a - b);
  const [low, high] = [Math.min(...points.map((point) => point.low), greedy ?? 1), Math.max(...points.map((point) => point.high), greedy ?? 0)];
  const bottom = Math.max(0, Math.min(low, high - leastSpan));
  const ticks = ticksOf(bottom, Math.max(high, bottom + leastSpan), 6);
  const [lowest = 0, highest = 1] = [ticks[0], ticks.at(-1)];
  const octaves = Math.max(1, Math.log2(samples.at(-1) ?? 1));
  return {
    samples,
    ticks,
    x: (k) => round(plot.left + 24 + ((plot.right - plot.left - 48) * Math.log2(k)) / octaves),
    y: (value) => round(plot.bottom - ((plot.bottom - plot.top) * (value - lowest)) / (highest - lowest)),
  };
}

function axes({ x, y, samples, ticks }: Scale, shown: (value: number) => string): string[] {
  return [
    ...ticks.map((tick) => `<line x1="${plot.left}" x2="${plot.right}" y1="${y(tick)}" y2="${y(tick)}" stroke="${grey}" stroke-opacity="0.25"/>`),
    ...ticks.map((tick) => text(plot.left - 8, y(tick) + 4, shown(tick), { anchor: 'end' })),
    ...samples.map((k) => `<line x1="${x(k)}" x2="${x(k)}" y1="${plot.bottom}" y2="${plot.bottom + 4}" stroke="${grey}"/>`),
    ...samples.map((k) => text(x(k), plot.bottom + 18, String(k), { anchor: 'middle' })),
    text((plot.left + plot.right) / 2, plot.bottom + 36, 'samples of one verdict, k', { anchor: 'middle' }),
  ];
}

/** One rule's line, its intervals a little beside those of the others. */
function line(points: readonly ScalingPoint[], rule: ScalingRule, { x, y }: Scale, aside: number): string[] {
  const { colour, mark } = looks[rule];
  const at = points.toSorted((a, b) => a.samples - b.samples).map(({ samples, value, low, high }) => ({ x: round(x(samples) + aside), y: y(value), low: y(low), high: y(high) }));
  return [
    `<g stroke="${colour}" fill="none">`,
    ...at.map((point) => `<path d="M${point.x} ${point.low}V${point.high}M${point.x - 3} ${point.low}h6M${point.x - 3} ${point.high}h6" stroke-opacity="0.6"/>`),
    `<path d="${at.map((point, index) => `${index === 0 ? 'M' : 'L'}${point.x} ${point.y}`).join('')}" stroke-width="2"/>`,
    '</g>',
    `<g fill="${colour}">${at.map((point) => mark(point.x, point.y)).join('')}</g>`,
  ];
}

interface Label {
  readonly name: string;
  readonly colour: string;
  readonly y: number;
}

/** Names at the right end of what they name. */
function labels(of: readonly Label[]): string[] {
  const places = spreadLabels(of.map(({ y }) => y), { gap: 16, least: plot.top, most: plot.bottom });
  return of.map(({ name, colour }, index) => text(plot.right + 8, (places[index] ?? 0) + 4, name, { colour, weight: 600 }));
}

function panel({ name, measure }: EvaluationSuite, report: EvaluationReport, top: number): string[] {
  const inPanel = (of: { readonly suite: string; readonly measure: string }): boolean => of.suite === name && of.measure === measure;
  const points = report.curve.filter(inPanel);
  if (points.length === 0) return [];
  const greedy = report.rows.find((row) => inPanel(row) && row.method === 'greedy' && row.category === undefined)?.accuracy;
  const scale = scaleOf(points, greedy);
  const rules = Map.groupBy(points, ({ rule }) => rule);
  const asides = [...rules.keys()].map((_, index) => (index - (rules.size - 1) / 2) * 7);
  const last = (of: readonly ScalingPoint[]): number => scale.y(of.toSorted((a, b) => a.samples - b.samples).at(-1)?.value ?? 0);
  const ends: Label[] = [...rules].map(([rule, of]) => ({ name: rule, colour: looks[rule].colour, y: last(of) }));
  return [
    `<g transform="translate(0 ${top})">`,
    text(plot.left, 20, `${name}: ${measure === 'accuracy' ? 'accuracy in %' : 'ROC-AUC'} by number of samples, with 95 % intervals`, { weight: 600 }),
    ...axes(scale, (value) => (measure === 'accuracy' ? String(round(100 * value)) : String(Number(value.toFixed(3))))),
    ...(greedy === undefined ? [] : [`<line x1="${plot.left}" x2="${plot.right}" y1="${scale.y(greedy)}" y2="${scale.y(greedy)}" stroke="${grey}" stroke-dasharray="6 4"/>`]),
    ...[...rules].flatMap(([rule, of], index) => line(of, rule, scale, asides[index] ?? 0)),
    ...labels([...ends, ...(greedy === undefined ? [] : [{ name: 'greedy', colour: grey, y: scale.y(greedy) }])]),
    '</g>',
  ];
}

/** The scaling curves of an evaluation, a panel a suite; readable on light and dark pages. Undefined where there is none. */
export function scalingSvg(report: EvaluationReport): string | undefined {
  const suites = report.suites.filter(({ name, measure }) => report.curve.some((point) => point.suite === name && point.measure === measure));
  if (suites.length === 0) return undefined;
  const height = size.height * suites.length;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${height}" width="${size.width}" height="${height}" font-family="system-ui, sans-serif" font-size="12" role="img" aria-label="Accuracy by number of samples">`,
    ...suites.flatMap((suite, index) => panel(suite, report, index * size.height)),
    '</svg>',
    '',
  ].join('\n');
}
