import { keyMetrics, runHeartbeat, type RunProgress } from '@grm/protocol';

/** Points of a curve that are kept. */
const CURVE_LENGTH = 60;

/** What a watcher knows of a run. */
export interface WatchedRun {
  readonly namespace: string;
  readonly run: string;
  readonly progress: RunProgress;
  /** When its trainer last gave a sign of life, ms by the watcher's monotonic clock. */
  readonly lastSignMs: number;
  /** Whether the watcher's own connection to NATS is up. */
  readonly connected: boolean;
  /** Of each stage the values of the metric that tells most, oldest first. */
  readonly curves: ReadonlyMap<string, readonly number[]>;
}

/** One more value of the run. */
export function watchedAfter(before: WatchedRun | undefined, value: Omit<WatchedRun, 'curves'>): WatchedRun {
  const curves = new Map(before?.curves);
  for (const stage of value.progress.stages) {
    const [point] = keyMetrics(stage);
    const earlier = before?.progress.stages.find(({ name }) => name === stage.name);
    if (point === undefined || stage.state !== 'Running' || (earlier?.state === 'Running' && earlier.step === stage.step)) continue;
    const [metric, height] = point;
    // While a stage draws it has another metric than while it trains.
    const goesOn = earlier?.metrics !== undefined && keyMetrics(earlier)[0]?.[0] === metric;
    curves.set(stage.name, [...(goesOn ? (curves.get(stage.name) ?? []) : []), height].slice(-CURVE_LENGTH));
  }
  return { ...value, curves };
}

/** A run that has ended goes on only when it is started again. */
export const hasEnded = ({ phase }: RunProgress): boolean => phase !== 'Pending' && phase !== 'Running';

/**
 * How long the trainer of a running run has given no sign of life, s; undefined while nothing is wrong, and while none could
 * have come through.
 */
export function silentSeconds({ progress, lastSignMs, connected }: WatchedRun, nowMs: number): number | undefined {
  if (!connected) return undefined;
  const { phase, heartbeatSeconds = runHeartbeat.seconds } = progress;
  const seconds = (nowMs - lastSignMs) / 1000;
  return phase === 'Running' && seconds > runHeartbeat.missedWhenLost * heartbeatSeconds ? Math.round(seconds) : undefined;
}
