import { runHeartbeat, type RunProgress } from '@grm/protocol';
import { runningConditions } from './run-conditions.ts';
import type { Mark } from './sliding-rate.ts';

/** What time does to a progress. */
export interface Moment {
  readonly time: Date;
  /** CPU seconds that this process has used, all threads together. */
  readonly cpuSeconds: number;
}

/** What events are added up to: the progress, and what its rates and sums rest on. */
export interface ProgressState {
  readonly progress: RunProgress;
  readonly tokens: number;
  /** Tokens in all at the last moments. */
  readonly tokenMarks: readonly Mark[];
  /** Steps of the running stage at the last moments. */
  readonly stepMarks: readonly Mark[];
  /** What earlier trainers of the run have used. */
  readonly hoursBefore: { readonly cpu: number; readonly gpu: number };
}

export interface Beginning {
  /** The stages that the run goes through, in order. */
  readonly stages: readonly string[];
  /** What an earlier trainer of the run had come to. */
  readonly previous?: RunProgress | undefined;
  readonly heartbeatSeconds?: number | undefined;
}

/** A run that a trainer begins, or goes on with: what was known of it stays known. */
export function beginProgress({ stages, previous, heartbeatSeconds = runHeartbeat.seconds }: Beginning, { time }: Moment): ProgressState {
  const now = time.toISOString();
  const { message: _, ...known } = previous ?? {};
  return {
    progress: {
      ...known,
      phase: 'Running',
      stages: stages.map((name) => previous?.stages.find((stage) => stage.name === name) ?? { name, state: 'Pending', step: 0, steps: 0 }),
      conditions: runningConditions(previous, now),
      updatedAt: now,
      heartbeatSeconds,
    },
    tokens: previous?.usage?.tokens ?? 0,
    tokenMarks: [],
    stepMarks: [],
    hoursBefore: { cpu: previous?.usage?.cpuHours ?? 0, gpu: previous?.usage?.gpuHours ?? 0 },
  };
}
