import type { Readable, Writable } from 'node:stream';
import picocolors from 'picocolors';

export type Colours = ReturnType<typeof picocolors.createColors>;

export interface OutputStream extends Writable {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

/** All that commands know of the outside: what they may read, where they write, when to stop. */
export interface Terminal {
  readonly input: Readable;
  /** Results. */
  readonly output: OutputStream;
  /** Progress, hints and errors. */
  readonly errors: OutputStream;
  readonly environment: NodeJS.ProcessEnv;
  readonly folder: string;
  /** Aborted by Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
}

/** Colours where the stream is a terminal and the user has not asked for none (no-color.org, force-color.org). */
export function coloursFor(stream: OutputStream, environment: NodeJS.ProcessEnv): Colours {
  const forced = (environment['FORCE_COLOR'] ?? '') !== '' && environment['FORCE_COLOR'] !== '0';
  const refused = (environment['NO_COLOR'] ?? '') !== '' || environment['TERM'] === 'dumb';
  return picocolors.createColors(forced || (stream.isTTY === true && !refused));
}

export function writeLine(stream: Writable, line = ''): void {
  stream.write(`${line}\n`);
}

export function writeJson(stream: Writable, value: unknown): void {
  stream.write(`${JSON.stringify(value, undefined, 2)}\n`);
}
