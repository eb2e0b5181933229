import type { RunProgress } from '@grm/protocol';
import { runHeartbeat } from '@grm/protocol';
import { beginProgress, type Moment, type ProgressState } from './progress-state.ts';
import { atMoment, reduceProgress } from './reduce-progress.ts';
import type { ProgressSink, RunEvent } from './run-event.ts';

export interface JournalOptions {
  /** What an earlier trainer of the run had come to. */
  readonly previous?: RunProgress | undefined;
  readonly heartbeatSeconds?: number;
  readonly clock?: () => Date;
  /** CPU seconds that this process has used. */
  readonly cpuSeconds?: () => number;
}

/** Sinks get the heartbeat after this share of the time that readers expect it in: the rest is for what writing takes. */
const early = 0.6;

function processCpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Keeps a run's progress, passes every event on, and lets sinks know every few seconds that the run lives. */
export class RunJournal implements AsyncDisposable {
  readonly #sinks: readonly ProgressSink[];
  readonly #clock: () => Date;
  readonly #cpuSeconds: () => number;
  readonly #heartbeat: NodeJS.Timeout;
  #state: ProgressState;

  constructor(stages: readonly string[], sinks: readonly ProgressSink[], options: JournalOptions = {}) {
    const { previous, heartbeatSeconds = runHeartbeat.seconds, clock = () => new Date(), cpuSeconds = processCpuSeconds } = options;
    this.#sinks = sinks;
    this.#clock = clock;
    this.#cpuSeconds = cpuSeconds;
    this.#state = beginProgress({ stages, previous, heartbeatSeconds }, this.#now());
    this.#heartbeat = setInterval(() => this.#beat(), early * heartbeatSeconds * 1000).unref();
    this.#beat();
  }

  get progress(): RunProgress {
    return this.#state.progress;
  }

  record(event: RunEvent): void {
    this.#state = reduceProgress(this.#state, event, this.#now());
    for (const sink of this.#sinks) sink.accept(event, this.progress);
  }

  /** Sinks are closed in the order in which they were given. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#heartbeat);
    for (const sink of this.#sinks) await sink[Symbol.asyncDispose]();
  }

  #beat(): void {
    // What has ended does not live on.
    if (this.progress.phase !== 'Running') return;
    this.#state = atMoment(this.#state, this.#now());
    for (const sink of this.#sinks) sink.refresh?.(this.progress);
  }

  #now(): Moment {
    return { time: this.#clock(), cpuSeconds: this.#cpuSeconds() };
  }
}
