import type { OutputStream } from './terminal.ts';

const ESCAPE = '\u001B[';
const HIDE_CURSOR = `${ESCAPE}?25l`;
const SHOW_CURSOR = `${ESCAPE}?25h`;
/** Lines longer than the terminal is wide are cut rather than broken, so that each takes one row. */
const CUT_LINES = `${ESCAPE}?7l`;
const BREAK_LINES = `${ESCAPE}?7h`;
const ERASE_REST_OF_LINE = `${ESCAPE}K`;
const ERASE_BELOW = `${ESCAPE}J`;

/** Lines at the bottom of a terminal that are drawn anew in place. Disposing it leaves the last ones. */
export class LiveBlock implements Disposable {
  readonly #stream: OutputStream;
  #rows = 0;

  constructor(stream: OutputStream) {
    this.#stream = stream;
  }

  draw(lines: readonly string[]): void {
    const shown = lines.slice(0, Math.max(1, (this.#stream.rows ?? 24) - 1));
    const up = this.#rows === 0 ? HIDE_CURSOR : `${ESCAPE}${this.#rows}A`;
    this.#stream.write(`${up}\r${CUT_LINES}${shown.map((line) => `${line}${ERASE_REST_OF_LINE}\n`).join('')}${ERASE_BELOW}${BREAK_LINES}`);
    this.#rows = shown.length;
  }

  [Symbol.dispose](): void {
    if (this.#rows > 0) this.#stream.write(SHOW_CURSOR);
  }
}
