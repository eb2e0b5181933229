import { styleText } from 'node:util';
import type { RunProgress } from '@grm/protocol';
import { Presets, SingleBar } from 'cli-progress';
import { paceText, progressLines } from './progress-lines.ts';
import type { ProgressSink, RunEvent } from './run-event.ts';

/** As wide as the longest name of a stage, so that the bars of a run stand below each other. */
const nameWidth = 'evaluation'.length;

type Style = Parameters<typeof styleText>[0];

/** A bar of the running stage at the bottom of a terminal, and above it a line for everything that happens. */
export function barSink(output: NodeJS.WritableStream): ProgressSink {
  let bar: SingleBar | undefined;
  /** What the bar shows, for drawing it again below a line. */
  let shown = { steps: 0, step: 0, stage: '', pace: '', saved: '' };

  const draw = (): void => {
    const { steps, step, ...texts } = shown;
    bar = new SingleBar(
      { format: '{stage} {bar} {value}/{total}  {pace}{saved}', stream: output, barsize: 20, hideCursor: true, clearOnComplete: true, gracefulExit: false },
      Presets.shades_classic,
    );
    bar.start(steps, step, { ...texts, stage: texts.stage.padEnd(nameWidth) });
  };
  const erase = (): void => {
    bar?.stop();
    bar = undefined;
  };
  /** Lines go above the bar, which the terminal may break where they are long. */
  const print = (event: RunEvent, progress: RunProgress): void => {
    const lines = progressLines(event, progress);
    if (lines.length === 0) return;
    const running = bar !== undefined;
    erase();
    for (const line of lines) output.write(`${styleText(styleOf(event), line, { stream: output })}\n`);
    if (running) draw();
  };
  return {
    accept: (event, progress) => {
      if (event.type === 'stage-started') {
        erase();
        const step = progress.stages.find(({ name }) => name === event.stage)?.step ?? 0;
        shown = { steps: event.steps, step, stage: event.stage, pace: '', saved: '' };
        draw();
      } else if (event.type === 'stage-advanced') {
        shown = { ...shown, steps: event.steps, step: event.step, pace: paceText(event, progress) };
        bar?.setTotal(event.steps);
        bar?.update(event.step, { pace: shown.pace });
      } else if (event.type === 'checkpoint-saved') {
        shown = { ...shown, saved: `, saved at ${event.step}` };
        bar?.update({ saved: shown.saved });
      } else {
        if (event.type === 'stage-finished' || event.type === 'run-finished') erase();
        print(event, progress);
      }
    },
    [Symbol.asyncDispose]: () => {
      erase();
      return Promise.resolve();
    },
  };
}

function styleOf(event: RunEvent): Style {
  if (event.type === 'noticed') return event.notice.type === 'Warning' ? 'yellow' : 'dim';
  if (event.type === 'stage-finished') return event.state === 'Failed' ? 'red' : 'green';
  if (event.type === 'run-finished') return event.phase === 'Failed' ? 'red' : 'bold';
  return event.type === 'condition-changed' ? 'yellow' : 'dim';
}
