import { spawn } from 'node:child_process';

export interface ToolOptions {
  /** Text for its standard input. */
  readonly stdin?: string;
  /** Longest that it may run, ms. Default 30 s. */
  readonly timeoutMs?: number;
  readonly environment?: Readonly<Record<string, string>>;
}

/** A command-line tool failed; the message has what it said. */
export class ToolFailedError extends Error {
  readonly exitCode: number | undefined;
  readonly stderr: string;

  constructor(command: string, exitCode: number | undefined, output: { readonly stdout: string; readonly stderr: string }) {
    super(`${command}: ${exitCode === undefined ? 'took too long and was ended' : `exit code ${exitCode}`}\n${(output.stderr || output.stdout).trim()}`);
    this.name = 'ToolFailedError';
    this.exitCode = exitCode;
    this.stderr = output.stderr;
  }
}

/**
 * Runs a program to its end and returns its standard output.
 * @throws ToolFailedError
 */
export async function runTool(file: string, args: readonly string[], options: ToolOptions = {}): Promise<string> {
  const child = spawn(file, args, { env: { ...process.env, ...options.environment }, stdio: ['pipe', 'pipe', 'pipe'], timeout: options.timeoutMs ?? 30_000, killSignal: 'SIGKILL' });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => void (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => void (output.stderr += text));
  // A program may end before it has read everything.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.stdin ?? '');
  const code = await new Promise<number | null>((resolve, reject) => void child.on('error', reject).on('close', resolve));
  if (code !== 0) throw new ToolFailedError([file.split('/').at(-1), ...args].join(' '), code ?? undefined, output);
  return output.stdout;
}
