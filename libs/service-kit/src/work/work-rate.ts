/** Weight of the newest task in the running means: the last ten or so count. */
const newest = 0.2;
/** A clock's tick: a task cannot have taken less, s. */
const shortest = 1e-6;

/** A task that is being worked on. */
export interface Begun {
  readonly at: number;
  readonly taskSeconds: number;
}

/**
 * How fast a worker works while it has something to do, as running means over its tasks. With several tasks at once each is slower, so what counts is
 * the rate of all together: a task's own, times the mean number of tasks during its time. All times in seconds of one clock.
 */
export class WorkRate {
  #busy = 0;
  /** Time spent on tasks so far, those at once each for itself. */
  #taskSeconds = 0;
  #at = 0;
  #samplesPerSecond: number | undefined;
  #samplesPerTask: number | undefined;

  /** Tasks being worked on. */
  get busy(): number {
    return this.#busy;
  }

  /** Undefined until a task was done. */
  get samplesPerSecond(): number | undefined {
    return this.#samplesPerSecond;
  }

  get samplesPerTask(): number | undefined {
    return this.#samplesPerTask;
  }

  begin(now: number): Begun {
    this.#advance(now);
    this.#busy += 1;
    return { at: now, taskSeconds: this.#taskSeconds };
  }

  /** @param samples of the task, where it was done: one that was given up or failed says nothing of the rate. */
  end(begun: Begun, now: number, samples?: number): void {
    this.#advance(now);
    this.#busy -= 1;
    if (samples === undefined) return;
    const seconds = Math.max(shortest, now - begun.at);
    const atOnce = Math.max(1, (this.#taskSeconds - begun.taskSeconds) / seconds);
    this.#samplesPerSecond = mean(this.#samplesPerSecond, (samples * atOnce) / seconds);
    this.#samplesPerTask = mean(this.#samplesPerTask, samples);
  }

  #advance(now: number): void {
    this.#taskSeconds += this.#busy * Math.max(0, now - this.#at);
    this.#at = now;
  }
}

function mean(before: number | undefined, now: number): number {
  return before === undefined ? now : before * (1 - newest) + now * newest;
}
