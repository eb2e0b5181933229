import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { CommandError } from '../command-error.ts';
import type { Terminal } from '../terminal/terminal.ts';

export interface Input {
  /** For messages: the path, or `standard input`. */
  readonly name: string;
  readonly content: string;
}

/** Reads a file, or standard input for `-`. @throws {CommandError} `usage` that names it. */
export async function readInput(path: string, terminal: Terminal): Promise<Input> {
  const name = path === '-' ? 'standard input' : path;
  try {
    return { name, content: path === '-' ? await text(terminal.input) : await readFile(resolve(terminal.folder, path), 'utf8') };
  } catch (error) {
    throw new CommandError('usage', `${name} cannot be read: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
