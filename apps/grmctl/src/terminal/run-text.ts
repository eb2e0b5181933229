import { keyMetrics, runHeartbeat, type EvaluationRow, type RunCondition, type RunNotice, type RunProgress, type StageProgress } from '@grm/protocol';
import { durationText } from './duration-text.ts';
import { printable } from './printable.ts';

const wholes = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const numbers = new Intl.NumberFormat('en', { maximumSignificantDigits: 4 });
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });
const hours = new Intl.NumberFormat('en', { maximumFractionDigits: 3 });

/** `reward 0.41, kl 0.012, liveGroups 18`. */
export function metricsText(stage: StageProgress): string {
  return keyMetrics(stage).map(([name, value]) => `${printable(name)} ${Number.isInteger(value) ? wholes.format(value) : numbers.format(value)}`).join(', ');
}

/** `about 4 min left in rft, then grpo, metaRM`; undefined where nobody knows. */
export function remainingText({ stages, usage }: RunProgress): string | undefined {
  const running = stages.find(({ state }) => state === 'Running');
  if (running === undefined || usage?.remainingSeconds === undefined) return undefined;
  const waiting = stages.filter(({ state }) => state === 'Pending').map(({ name }) => name);
  return `about ${durationText(usage.remainingSeconds)} left in ${running.name}${waiting.length === 0 ? '' : `, then ${waiting.join(', ')}`}`;
}

/** `1,530 tokens/s, 12.3M tokens, 1.24 CPU hours`. */
export function usageText({ usage }: RunProgress): string | undefined {
  if (usage === undefined) return undefined;
  return [
    ...(usage.tokensPerSecond === undefined ? [] : [`${wholes.format(usage.tokensPerSecond)} tokens/s`]),
    `${compact.format(usage.tokens)} tokens`,
    `${hours.format(usage.cpuHours)} CPU hours`,
    ...(usage.gpuHours === 0 ? [] : [`${hours.format(usage.gpuHours)} GPU hours`]),
  ].join(', ');
}

/** A stage that a stop or a failure has cut short does not run any more. */
export function stageState({ state }: StageProgress, { phase }: RunProgress): string {
  return state === 'Running' ? phase : state;
}

/** How long a stage has taken, or takes so far by its trainer's clock. */
export function stageTime({ startedAt, finishedAt }: StageProgress, { updatedAt }: RunProgress): string {
  if (startedAt === undefined) return '';
  return durationText((Date.parse(finishedAt ?? updatedAt) - Date.parse(startedAt)) / 1000);
}

/** `checkpoint: grpo step 40, verified`. */
export function checkpointText({ checkpoint }: RunProgress): string | undefined {
  if (checkpoint === undefined) return undefined;
  const { stage, step, verified } = checkpoint;
  return `checkpoint: ${printable(stage)} step ${step}${verified ? ', verified' : ''}`;
}

/** `, written 12 s ago`. */
export function checkpointAge({ checkpoint, updatedAt }: RunProgress): string {
  return checkpoint === undefined ? '' : `, written ${durationText((Date.parse(updatedAt) - Date.parse(checkpoint.time)) / 1000)} ago`;
}

/** Those that somebody has to know of; all is well where there is none. */
export function troublingConditions({ conditions = [] }: RunProgress): RunCondition[] {
  return conditions.filter(({ type, status }) => (type === 'KLWithinLimit' || type === 'CheckpointSaved' ? status === 'False' : type === 'Failed' && status === 'True'));
}

/** `KLWithinLimit is False (RolledBack): ...`; without its message where a notice says the same. */
export function conditionText({ type, status, reason, message }: RunCondition, { notices = [] }: RunProgress): string {
  const said = message === '' || notices.some((notice) => notice.message === message);
  return printable(`${type} is ${status} (${reason})${said ? '' : `: ${message}`}`);
}

/** `2026-01-01 10:31:04Z grpo WARNING KLRollback: ...`. */
export function noticeText({ time, type, reason, message, stage }: RunNotice): string {
  const level = type === 'Warning' ? `WARNING ${reason}: ` : '';
  return printable(`${time.slice(0, 19).replace('T', ' ')}Z ${stage === undefined ? '' : `${stage}: `}${level}${message}`);
}

export const cutOffText = 'the connection to NATS is down and tried again; what is shown is what was last known';

export function silenceText(seconds: number, { heartbeatSeconds = runHeartbeat.seconds }: RunProgress): string {
  return `no sign of life for ${seconds} s (expected every ${heartbeatSeconds} s): the trainer may be lost`;
}

/** Cells of the suites as a whole; their categories are in the run's report. Empty before an evaluation. */
export function evaluationRows({ evaluation = [] }: RunProgress): string[][] {
  const percent = (share: number): string => (100 * share).toFixed(1);
  const cells = ({ suite, method, measure, accuracy, low, high, items }: EvaluationRow): string[] => [
    printable(suite),
    printable(method),
    `${percent(accuracy)}${measure === 'rocAuc' ? ' (ROC-AUC)' : ''}`,
    `${percent(low)} - ${percent(high)}`,
    String(items),
  ];
  return evaluation.filter(({ category }) => category === undefined).map(cells);
}
