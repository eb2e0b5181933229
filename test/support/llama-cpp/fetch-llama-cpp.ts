import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export const XLLAMACPP = '2026.10.11549';

/** llama.cpp can neither be found nor fetched here; the message says why. */
export class LlamaCppUnavailableError extends Error {
  override readonly name = 'LlamaCppUnavailableError';

  constructor(options: { cause: unknown }) {
    const reason = options.cause instanceof Error ? options.cause.message.trim().split('\n').at(-1) : String(options.cause);
    super(`pip cannot fetch the wheel xllamacpp==${XLLAMACPP} (llama.cpp's server, Python 3.10 or newer): ${reason}`, options);
  }
}

/**
 * Folder for PYTHONPATH with llama.cpp and its HTTP server, in the user's cache folder, where the PyPI wheel that carries them (34 MB) is unpacked once. Safe to call from
 * many processes: it is moved into place by one rename.
 *
 * @throws {LlamaCppUnavailableError}
 */
export async function fetchLlamaCpp(): Promise<string> {
  const tools = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'grm', 'tools');
  const target = join(tools, `xllamacpp-${XLLAMACPP}`);
  if (await isThere(target)) return target;
  await mkdir(tools, { recursive: true });
  const scratch = await mkdtemp(join(tools, '.fetch-'));
  try {
    const pip = ['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-deps', '--only-binary=:all:'];
    await run('python3', [...pip, '-d', scratch, `xllamacpp==${XLLAMACPP}`], { timeout: 300_000 });
    const wheel = (await readdir(scratch)).find((name) => name.endsWith('.whl'));
    if (wheel === undefined) throw new Error('pip left no wheel');
    const unpacked = join(scratch, 'unpacked');
    await run('python3', ['-m', 'zipfile', '-e', join(scratch, wheel), unpacked], { timeout: 120_000 });
    await run('python3', ['-c', 'import xllamacpp'], { timeout: 60_000, env: { ...process.env, PYTHONPATH: unpacked } });
    await rename(unpacked, target).catch(async (error: unknown) => {
      if (!(await isThere(target))) throw error;
    });
    return target;
  } catch (cause) {
    throw new LlamaCppUnavailableError({ cause });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
