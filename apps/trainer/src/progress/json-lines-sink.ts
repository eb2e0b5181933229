import type { Writable } from 'node:stream';
import type { ProgressSink } from './run-event.ts';

/** Every event as one line of JSON, for programs. The many small pieces of work are told as the sums that they come to. */
export function jsonLinesSink(output: Writable): ProgressSink {
  return {
    accept: (event, { updatedAt, usage }) => {
      if (event.type === 'worked') return;
      const sums = event.type === 'stage-advanced' || event.type === 'run-finished' ? { usage } : {};
      output.write(`${JSON.stringify({ time: updatedAt, ...event, ...sums })}\n`);
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
