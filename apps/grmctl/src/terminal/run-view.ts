import type { StageProgress } from '@grm/protocol';
import { silentSeconds, type WatchedRun } from '../run/watched-run.ts';
import {
  checkpointAge,
  checkpointText,
  conditionText,
  cutOffText,
  evaluationRows,
  metricsText,
  noticeText,
  remainingText,
  silenceText,
  stageState,
  stageTime,
  troublingConditions,
  usageText,
} from './run-text.ts';
import { printable } from './printable.ts';
import { sparkline } from './sparkline.ts';
import { table } from './table.ts';
import type { Colours } from './terminal.ts';

const BAR_WIDTH = 20;
const CURVE_WIDTH = 16;
/** Newest notices that are shown. */
export const NOTICES_SHOWN = 5;

export interface ViewOptions {
  /** By the watcher's monotonic clock. */
  readonly nowMs: number;
  readonly colours: Colours;
  /** Longer sentences are broken. */
  readonly columns?: number | undefined;
}

/** All that matters of a run at one moment, as lines of a terminal. */
export function runView(watched: WatchedRun, { nowMs, colours, columns = Infinity }: ViewOptions): string[] {
  const { namespace, run, progress } = watched;
  const silent = silentSeconds(watched, nowMs);
  const checkpoint = checkpointText(progress);
  const evaluation = evaluationRows(progress);
  const { notices = [] } = progress;
  const sentence = (text: string, paint: (line: string) => string): string[] => brokenLines(text, columns).map(paint);
  return [
    `${colours.bold(run)}${namespace === 'default' ? '' : colours.dim(` in ${namespace}`)}  ${painted(progress.phase, colours)}`,
    ...(progress.message === undefined ? [] : sentence(printable(progress.message), (line) => line)),
    '',
    ...stageTable(watched, colours),
    '',
    ...[remainingText(progress), usageText(progress), checkpoint && `${checkpoint}${checkpointAge(progress)}`].filter((line) => line !== undefined),
    ...(watched.connected ? [] : sentence(cutOffText, colours.red)),
    ...(silent === undefined ? [] : sentence(silenceText(silent, progress), colours.red)),
    ...troublingConditions(progress).flatMap((condition) => sentence(conditionText(condition, progress), colours.yellow)),
    ...(notices.length === 0 ? [] : ['']),
    ...notices.slice(-NOTICES_SHOWN).flatMap((notice) => sentence(noticeText(notice), notice.type === 'Warning' ? colours.yellow : colours.dim)),
    ...(evaluation.length === 0 ? [] : ['', ...evaluationTable(evaluation, colours)]),
  ];
}

export function evaluationTable(rows: readonly (readonly string[])[], colours: Colours): string[] {
  return table(['SUITE', 'METHOD', 'ACCURACY', '95 %', 'ITEMS'].map((title) => ({ title })), rows, colours).split('\n');
}

/** A row a stage; the curves have a column where there is one. */
function stageTable({ progress, curves }: WatchedRun, colours: Colours): string[] {
  const curveOf = ({ name }: StageProgress): readonly number[] => curves.get(name) ?? [];
  const curved = progress.stages.some((stage) => curveOf(stage).length > 1);
  const titles = ['STAGE', 'STATE', 'PROGRESS', 'TIME', 'METRICS', ...(curved ? ['CURVE'] : [])];
  const rows = progress.stages.map((stage) => {
    const { name, state, step, steps } = stage;
    const curve = curveOf(stage);
    return [
      printable(name),
      painted(stageState(stage, progress), colours),
      state === 'Pending' || steps === 0 ? '' : `${bar(step / steps)} ${step}/${steps}`,
      stageTime(stage, progress),
      metricsText(stage),
      ...(curved ? [curve.length > 1 ? sparkline(curve, CURVE_WIDTH) : ''] : []),
    ];
  });
  return table(titles.map((title) => ({ title })), rows, colours).split('\n');
}

/** Breaks at spaces; a word that is longer than a line stays whole. */
function brokenLines(text: string, columns: number): string[] {
  return text.split(' ').reduce<string[]>((lines, word) => {
    const line = lines.at(-1);
    if (line === undefined || line.length + 1 + word.length > columns) return [...lines, line === undefined ? word : `  ${word}`];
    return [...lines.slice(0, -1), `${line} ${word}`];
  }, []);
}

function bar(share: number): string {
  const full = Math.round(Math.min(1, share) * BAR_WIDTH);
  return '█'.repeat(full) + '░'.repeat(BAR_WIDTH - full);
}

function painted(state: string, colours: Colours): string {
  if (state === 'Complete') return colours.green(state);
  if (state === 'Failed') return colours.red(state);
  return state === 'Pending' || state === 'Skipped' ? colours.dim(state) : colours.yellow(state);
}
