import type { Writable } from 'node:stream';
import { progressLines } from './progress-lines.ts';
import type { ProgressSink, RunEvent } from './run-event.ts';

/** What comes again and again has a line at most this often, ms. */
const quietMs = 5_000;

const isRoutine = (event: RunEvent): boolean => event.type === 'checkpoint-saved' || (event.type === 'stage-advanced' && event.step < event.steps);

/** Lines for logs: what happens, and in between a line every few seconds that says how far the stage is. */
export function textSink(output: Writable, clock: () => number = Date.now): ProgressSink {
  const shown = new Map<RunEvent['type'], number>();
  return {
    accept: (event, progress) => {
      if (event.type === 'stage-started') shown.clear();
      if (isRoutine(event)) {
        if (clock() - (shown.get(event.type) ?? -Infinity) < quietMs) return;
        shown.set(event.type, clock());
      }
      for (const line of progressLines(event, progress)) output.write(`${line}\n`);
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
