import type { RunProgress } from '@grm/protocol';
import type { Moment, ProgressState } from './progress-state.ts';
import { isStageEvent, type RunEvent } from './run-event.ts';
import { slidingRate, type Window, withMark } from './sliding-rate.ts';

const tokenWindow: Window = { lengthMs: 60_000, leastMarks: 2 };
/** Steps of a stage differ more than tokens do, and a forecast that jumps is of no use. */
const stepWindow: Window = { lengthMs: 180_000, leastMarks: 6 };

type Usage = NonNullable<RunProgress['usage']>;
type Marks = Pick<ProgressState, 'tokens' | 'tokenMarks' | 'stepMarks'>;

/** The work that an event tells of, added to what was. */
export function withWork(state: ProgressState, event: RunEvent, { time }: Moment): Marks {
  const { tokens, tokenMarks, stepMarks } = state;
  const at = time.getTime();
  if (event.type === 'worked') {
    const total = tokens + event.tokens;
    return { tokens: total, tokenMarks: withMark(tokenMarks, { at, total }, tokenWindow), stepMarks };
  }
  if (event.type === 'stage-advanced') return { tokens, tokenMarks, stepMarks: withMark(stepMarks, { at, total: event.step }, stepWindow) };
  // Another piece of work has a pace of its own.
  return { tokens, tokenMarks, stepMarks: isStageEvent(event) ? [] : stepMarks };
}

/** What the run has used, and while it runs how fast it is and how long its running stage still takes. */
export function usageAt({ progress, tokens, tokenMarks, stepMarks, hoursBefore }: ProgressState, { time, cpuSeconds }: Moment): Usage {
  const sums = { gpuHours: hoursBefore.gpu, cpuHours: hoursBefore.cpu + cpuSeconds / 3600, tokens };
  if (progress.phase !== 'Running') return sums;
  const tokensPerSecond = slidingRate(tokenMarks, time.getTime(), tokenWindow);
  const pace = slidingRate(stepMarks, time.getTime(), stepWindow);
  const stage = progress.stages.find(({ state }) => state === 'Running');
  const last = stepMarks.at(-1);
  // The stage has gone on since its last step was counted.
  const remaining = pace === undefined || pace === 0 || stage === undefined || last === undefined
    ? undefined
    : Math.max(0, (stage.steps - last.total) / pace - (time.getTime() - last.at) / 1000);
  return {
    ...sums,
    ...(tokensPerSecond === undefined ? {} : { tokensPerSecond }),
    ...(remaining === undefined ? {} : { remainingSeconds: remaining }),
  };
}
