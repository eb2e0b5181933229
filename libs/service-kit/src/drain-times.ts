/** What giving up, handing back and closing the connection may take together, ms; the connection alone is given five seconds. */
const longestReserveMs = 8_000;

/** How the time for stopping is spent, ms. */
export interface DrainTimes {
  /** What is in flight may go on for so long. */
  readonly finishMs: number;
  /** Then it is given up, and may take so long to say so. */
  readonly handBackMs: number;
}

/** Most of the time is for finishing: what is handed back is done twice. A reserve is kept, so that the process has left before it is killed. */
export function drainTimes(drainMs: number): DrainTimes {
  const reserve = Math.min(drainMs / 2, longestReserveMs);
  return { finishMs: drainMs - reserve, handBackMs: reserve / 4 };
}
