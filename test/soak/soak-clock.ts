import type { Moment } from './history.ts';

/** Milliseconds since it was made. */
export interface SoakClock {
  now(): Moment;
}

export function startClock(): SoakClock {
  const began = performance.now();
  return { now: () => performance.now() - began };
}
