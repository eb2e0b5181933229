/** How much had been done in all at a moment. */
export interface Mark {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly total: number;
}

/** What a rate rests on: the marks of the last `lengthMs`, and however old they are the newest `leastMarks`, so that what advances slowly has a rate too. */
export interface Window {
  readonly lengthMs: number;
  readonly leastMarks: number;
}

/** Marks closer together than this share of the window become one. */
const marksPerWindow = 60;

/** The marks after one more. A total below the last one is a new beginning: what was before does not count. */
export function withMark(marks: readonly Mark[], mark: Mark, { lengthMs, leastMarks }: Window): readonly Mark[] {
  const last = marks.at(-1);
  if (last !== undefined && mark.total < last.total) return [mark];
  const beforeLast = marks.at(-2);
  const close = last !== undefined && beforeLast !== undefined && last.at - beforeLast.at < lengthMs / marksPerWindow;
  const next = [...(close ? marks.slice(0, -1) : marks), mark];
  const start = next.findLastIndex(({ at }) => at <= mark.at - lengthMs);
  return next.slice(Math.max(0, Math.min(start, next.length - leastMarks)));
}

/**
 * How much is done in a second; undefined before two marks. Where no mark has come for longer than the window the time since
 * counts too, so that a rate falls when the work stands still.
 * @param now milliseconds since the epoch
 */
export function slidingRate(marks: readonly Mark[], now: number, { lengthMs }: Window): number | undefined {
  const first = marks.at(0);
  const last = marks.at(-1);
  if (first === undefined || last === undefined || last.at <= first.at) return undefined;
  const end = Math.max(last.at, now - lengthMs);
  return (1000 * (last.total - first.total)) / (end - first.at);
}
