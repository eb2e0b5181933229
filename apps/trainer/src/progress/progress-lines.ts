import { keyMetrics, type EvaluationRow, type RunProgress } from '@grm/protocol';
import { durationText } from './duration-text.ts';
import type { RunEvent, StageMetrics } from './run-event.ts';

const hours = new Intl.NumberFormat('en', { maximumFractionDigits: 3 });
const numbers = new Intl.NumberFormat('en', { maximumSignificantDigits: 4 });
const wholes = new Intl.NumberFormat('en');
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });

/** `0.1234`, `12,345`. */
const numberText = (value: number): string => (Number.isInteger(value) ? wholes : numbers).format(value);

const metricsText = (metrics: StageMetrics | readonly (readonly [string, number])[]): string =>
  (Array.isArray(metrics) ? metrics : Object.entries(metrics)).map(([name, value]) => `${name} ${numberText(value)}`).join(', ');

/** `loss 1.234, 1,530 tokens/s, 4 min left`: how the running stage goes. */
export function paceText(event: Extract<RunEvent, { type: 'stage-advanced' }>, { usage }: RunProgress): string {
  const { tokensPerSecond, remainingSeconds } = usage ?? {};
  return [
    metricsText(keyMetrics({ name: event.stage, metrics: event.metrics })),
    tokensPerSecond === undefined ? '' : `${wholes.format(Math.round(tokensPerSecond))} tokens/s`,
    remainingSeconds === undefined || event.step >= event.steps ? '' : `${durationText(remainingSeconds)} left`,
  ].filter((part) => part !== '').join(', ');
}

/** What an event says to people, a line each; nothing where it says nothing to them. */
export function progressLines(event: RunEvent, progress: RunProgress): string[] {
  switch (event.type) {
    case 'stage-started':
      return [`${event.stage}: started, about ${wholes.format(event.steps)} steps`];
    case 'stage-advanced':
      return [`${event.stage}: ${event.step}/${event.steps}  ${paceText(event, progress)}`];
    case 'stage-finished':
      return [`${event.stage}: ${event.state}  ${metricsText(event.metrics)}`.trimEnd()];
    case 'checkpoint-saved':
      return [`${event.stage}: checkpoint at step ${event.step}`];
    case 'artifact-saved':
      return [`saved ${event.name} to ${event.uri}`];
    case 'noticed': {
      const { type, reason, message } = event.notice;
      return [`${event.stage ?? 'run'}: ${type === 'Warning' ? `WARNING ${reason}: ` : ''}${message}`];
    }
    case 'condition-changed':
      return conditionLines(event.condition.type, progress);
    case 'run-finished':
      return [...evaluationLines(progress.evaluation ?? []), runLine(progress)];
    case 'checkpoint-verified':
    case 'evaluated':
    case 'worked':
      return [];
  }
}

/** Only a status that is new by this event is worth a line, and its message only where no notice has just said it. */
function conditionLines(type: string, { conditions = [], notices = [], updatedAt }: RunProgress): string[] {
  const condition = conditions.find((candidate) => candidate.type === type);
  if (condition?.lastTransitionTime !== updatedAt) return [];
  const { status, reason, message } = condition;
  return [`run: ${type} is ${status} (${reason})${notices.at(-1)?.message === message ? '' : `: ${message}`}`];
}

function runLine({ phase, message, usage }: RunProgress): string {
  const used = usage === undefined ? '' : `  ${compact.format(usage.tokens)} tokens, ${hours.format(usage.cpuHours)} CPU hours`;
  return `run: ${phase}${message === undefined ? '' : `: ${message}`}${used}`;
}

/** The suites as a whole, a row each way of judging; their categories are in the run's report and status. */
function evaluationLines(rows: readonly EvaluationRow[]): string[] {
  const whole = rows.filter(({ category }) => category === undefined);
  if (whole.length === 0) return [];
  const cells = [
    ['SUITE', 'METHOD', 'ACCURACY', '95 %', 'ITEMS'],
    ...whole.map(({ suite, method, measure, accuracy, low, high, items }) => [
      suite,
      method,
      `${percent(accuracy)}${measure === 'rocAuc' ? ' (ROC-AUC)' : ''}`,
      `${percent(low)} - ${percent(high)}`,
      String(items),
    ]),
  ];
  const widths = cells.reduce<number[]>((most, row) => row.map((cell, column) => Math.max(cell.length, most[column] ?? 0)), []);
  return cells.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd());
}

const percent = (share: number): string => (100 * share).toFixed(1);
