import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import type { ProgressSink, RunEvent } from './run-event.ts';

/**
 * Appends what is measured to a JSONL file, the raw material of curves: `{stage, step, ...metrics}` a measurement, `{stage,
 * state, ...metrics}` the end of a stage, `{stage, notice, message}` what explains a bend of a curve, `{suite, method, ...}` a
 * row of the evaluation. A stage that goes on from a checkpoint measures the steps since then again: the later line counts.
 * @param failed called once, where the file cannot be written; the run goes on without
 */
export function metricsFileSink(file: string, failed: (error: Error) => void): ProgressSink {
  const stream = createWriteStream(file, { flags: 'a' });
  stream.once('error', failed);
  return {
    accept: (event) => {
      for (const line of linesOf(event)) stream.write(`${JSON.stringify(line)}\n`);
    },
    [Symbol.asyncDispose]: async () => {
      stream.end();
      await finished(stream).catch(() => undefined);
    },
  };
}

function linesOf(event: RunEvent): readonly object[] {
  if (event.type === 'stage-advanced') return [{ stage: event.stage, step: event.step, ...event.metrics }];
  if (event.type === 'stage-finished') return [{ stage: event.stage, state: event.state, ...event.metrics }];
  if (event.type === 'noticed' && event.stage !== undefined) return [{ stage: event.stage, notice: event.notice.reason, message: event.notice.message }];
  return event.type === 'evaluated' ? event.rows : [];
}
