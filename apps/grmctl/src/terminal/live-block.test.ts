import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { LiveBlock } from './live-block.ts';

/** What a terminal shows after the few escapes that a live block writes. */
function screenOf(written: string): string[] {
  const screen: string[] = [];
  let row = 0;
  for (const part of written.split('\u001B[')) {
    const [, count = '', letter = '', text = ''] = /^(\??\d*)([A-Za-z])(.*)$/s.exec(part) ?? [];
    if (letter === 'A') row -= Number(count);
    if (letter === 'J') screen.length = row;
    for (const [index, line] of text.split('\n').entries()) {
      if (index > 0) row += 1;
      const shown = line.replaceAll('\r', '');
      if (shown !== '') screen[row] = shown;
    }
  }
  return screen;
}

it('a live block is drawn in the place of what it showed before, shorter or longer, no higher than the terminal, and gives the cursor back', () => {
  const terminal = Object.assign(new PassThrough(), { isTTY: true, rows: 4 });
  let written = '';
  terminal.on('data', (chunk) => (written += String(chunk)));
  {
    using block = new LiveBlock(terminal);
    block.draw(['one', 'two', 'three']);
    block.draw(['uno']);
    block.draw(['a', 'b', 'c', 'd', 'e']);
  }
  expect(screenOf(written)).toEqual(['a', 'b', 'c']);
  expect(written).toMatch(/\?25l[^]*\?25h$/);
});
