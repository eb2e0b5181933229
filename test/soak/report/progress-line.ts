import type { SoakProgress } from '../soak.ts';
import { duration } from './report-text.ts';

export interface ProgressLine extends Disposable {
  /** A line that stays. */
  readonly log: (line: string) => void;
  readonly show: (progress: SoakProgress) => void;
}

const everyMs = 15_000;

/** On a terminal one line that is drawn in place; elsewhere a line now and then. */
export function soakProgress(durationMs: number, output: NodeJS.WriteStream = process.stderr): ProgressLine {
  const clear = (): void => void (output.isTTY && output.write('\r\u001B[K'));
  let told = 0;
  const write = (line: string): void => {
    clear();
    output.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
  };
  return {
    log: write,
    show: ({ now, asked, answered, errors, faults }) => {
      const line = `${duration(now)} of ${duration(durationMs)}: ${answered} of ${asked} requests have ended, ${errors} in an error; ${faults} faults`;
      if (output.isTTY) {
        clear();
        output.write(line);
      } else if (now - told >= everyMs) {
        told = now;
        write(line);
      }
    },
    [Symbol.dispose]: clear,
  };
}
