import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import { MAIN_PROGRAM } from '../programs-folder.ts';

/** A grmctl that runs as a process of its own, as a user's does. */
export interface SpawnedGrmctl {
  /** All that it has written so far. */
  readonly output: () => string;
  readonly errors: () => string;
  readonly exitCode: Promise<number | null>;
  readonly interrupt: () => void;
}

/** Starts grmctl with its output in pipes; it ends with the test. */
export function spawnGrmctl(words: readonly string[], environment: NodeJS.ProcessEnv): SpawnedGrmctl {
  const child = spawn(process.execPath, [MAIN_PROGRAM, ...words], { env: { ...process.env, NO_COLOR: '1', ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
  const written = { output: '', errors: '' };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (written.output += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (written.errors += chunk));
  const closed = once(child, 'close');
  onTestFinished(() => void child.kill('SIGKILL'));
  return {
    output: () => written.output,
    errors: () => written.errors,
    exitCode: closed.then(() => child.exitCode),
    interrupt: () => child.kill('SIGINT'),
  };
}
