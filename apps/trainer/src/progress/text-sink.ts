import type { Writable } from 'node:stream';
import type { ProgressSink, RunEvent, StageMetrics } from './run-event.ts';

/** A line at most this often while a stage advances, ms. */
const quiet = 5_000;

const formatted = (metrics: StageMetrics): string =>
  Object.entries(metrics).map(([name, value]) => `${name} ${Number.isInteger(value) ? value : value.toPrecision(4)}`).join(', ');

function describe(event: RunEvent): string {
  switch (event.type) {
    case 'stage-started':
      return `${event.stage}: started, about ${event.steps} steps`;
    case 'stage-advanced':
      return `${event.stage}: ${event.step}/${event.steps}  ${formatted(event.metrics)}`;
    case 'stage-finished':
      return `${event.stage}: ${event.state}  ${formatted(event.metrics)}`;
    case 'artifact-saved':
      return `saved ${event.name} to ${event.uri}`;
    case 'noticed':
      return `${event.notice.reason}: ${event.notice.message}`;
    case 'condition-changed':
    case 'checkpoint-saved':
    case 'evaluated':
    case 'worked':
      return '';
    case 'run-finished':
      return `run: ${event.phase}${event.message === undefined ? '' : `: ${event.message}`}`;
  }
}

/** Lines for logs: the stages' starts and ends, and between them a line every few seconds. */
export function textSink(output: Writable, clock: () => number = Date.now): ProgressSink {
  let last = -Infinity;
  return {
    accept: (event) => {
      if (event.type === 'stage-advanced' && event.step < event.steps) {
        if (clock() - last < quiet) return;
        last = clock();
      }
      const text = describe(event);
      if (text !== '') output.write(`${text}\n`);
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
