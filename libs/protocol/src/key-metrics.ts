import type { StageProgress } from './run-progress.ts';

/** The metrics that tell how a stage goes, the one whose curve says most first. */
const telling: Readonly<Record<string, readonly string[]>> = {
  pretrain: ['loss'],
  rft: ['loss', 'kept'],
  grpo: ['reward', 'kl', 'liveGroups'],
  metaRM: ['loss', 'accuracy', 'areaUnderCurve'],
  evaluation: ['judgements'],
};

/** Metrics to show of a stage whose telling ones are not there, as while it draws. */
const shownAtMost = 3;

/** The few metrics of a stage to show where there is room for a few, most telling first. */
export function keyMetrics({ name, metrics = {} }: Pick<StageProgress, 'name' | 'metrics'>): [string, number][] {
  const known = (telling[name] ?? []).flatMap((metric): [string, number][] => {
    const value = metrics[metric];
    return value === undefined ? [] : [[metric, value]];
  });
  return known.length > 0 ? known : Object.entries(metrics).slice(0, shownAtMost);
}
