#!/usr/bin/env node
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, realpathSync } from 'node:fs';
import { access, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { repositoryFile } from '../repository-file.ts';

const run = promisify(execFile);
const requirement = (name: string): string => repositoryFile(`test/support/python/${name}`);

/** A virtual environment. */
interface Environment {
  readonly name: string;
  readonly contents: string;
  /** To fetch, once. */
  readonly size: string;
  readonly requirements: readonly string[];
  /** pip's arguments, step by step, since PyTorch's wheel would otherwise bring GPU packages that nothing here links. */
  readonly installs: readonly (readonly string[])[];
  readonly imports: string;
  /** The environment whose packages it sees beside its own. */
  readonly on?: Environment;
}

const transformersEnvironment: Environment = {
  name: 'transformers',
  contents: 'PyTorch and transformers',
  size: '2 GB',
  requirements: ['requirements-torch.txt', 'requirements-transformers.txt'],
  installs: [
    ['--no-deps', '-r', requirement('requirements-torch.txt')],
    ['-r', requirement('requirements-transformers.txt')],
  ],
  imports: 'torch, transformers, safetensors, numpy',
};

const environments = {
  transformers: transformersEnvironment,
  trl: {
    name: 'trl',
    contents: 'TRL',
    size: 'under 100 MB',
    requirements: ['requirements-trl.txt'],
    installs: [['--no-deps', '-r', requirement('requirements-trl.txt')]],
    imports: 'trl, datasets, accelerate',
    on: transformersEnvironment,
  },
} as const satisfies Record<string, Environment>;

/** No Python with PyTorch and transformers could be made; the message says which step failed and why. */
export class PythonUnavailableError extends Error {
  constructor(step: string, options: { cause: unknown }) {
    super(`${step} failed: ${reasonOf(options.cause)}. PyTorch serves only comparisons; all else works without it.`, options);
    this.name = 'PythonUnavailableError';
  }
}

export interface ResolvePythonOptions {
  /** Default: `transformers`. `trl` has TRL on top, in an environment of its own, so that the others need not have it. */
  readonly environment?: keyof typeof environments;
  /** Whether to install what is missing (2 GB to fetch, 4.5 GB on disk, a minute or two). Default: false. */
  readonly install?: boolean;
  readonly signal?: AbortSignal;
  /** Receives one line a decision. Default: standard error. */
  readonly log?: (line: string) => void;
}

/**
 * Path of a Python whose `import torch, transformers, safetensors, numpy` (and `trl`) works: a virtual environment in the user's
 * cache folder, named after the pinned requirements. Safe to call from many processes: it is moved into place by one rename.
 *
 * @throws {PythonUnavailableError} when there is none and it cannot, or must not, be installed.
 */
export async function resolvePython(options: ResolvePythonOptions = {}): Promise<string> {
  const log = options.log ?? ((line: string) => process.stderr.write(`${line}\n`));
  const parent = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'grm', 'python');
  return resolve(environments[options.environment ?? 'transformers'], { ...options, parent, log });
}

interface Resolving extends ResolvePythonOptions {
  readonly parent: string;
  readonly log: (line: string) => void;
}

async function resolve(environment: Environment, resolving: Resolving): Promise<string> {
  const { parent, install, log, signal } = resolving;
  const { name, contents, size, on } = environment;
  const folder = join(parent, `${on === undefined ? '' : `${name}-`}${await requirementsDigest(environment)}`);
  const python = join(folder, 'bin', 'python');
  const below = on === undefined ? undefined : await resolve(on, resolving);
  if (await exists(python)) return python;
  if (install !== true) {
    const cause = new Error(`nothing at ${folder}; \`node test/support/python/resolve-python.ts ${name}\` makes it`);
    throw new PythonUnavailableError(`finding a Python with ${contents}`, { cause });
  }
  log(`installing ${contents} into ${folder} (${size} to fetch, once) ...`);
  await mkdir(parent, { recursive: true });
  const scratch = await mkdtemp(join(parent, '.install-'));
  try {
    await installInto(scratch, environment, below, signal);
    await rename(scratch, folder).catch(async (error: unknown) => {
      if (!(await exists(python))) throw error;
    });
    return python;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** @param below the Python of the environment that this one stands on */
async function installInto(folder: string, { contents, installs, imports }: Environment, below: string | undefined, signal: AbortSignal | undefined): Promise<void> {
  const attempt = async (step: string, command: string, ...args: string[]): Promise<string> => {
    try {
      const { stdout } = await run(command, args, { timeout: 900_000, maxBuffer: 64 << 20, ...(signal === undefined ? {} : { signal }) });
      return stdout.trim();
    } catch (cause) {
      throw new PythonUnavailableError(step, { cause });
    }
  };
  const python = join(folder, 'bin', 'python');
  const packagesOf = (interpreter: string): Promise<string> =>
    attempt('finding the packages', interpreter, '-c', 'import sysconfig; print(sysconfig.get_path("purelib"))');
  await attempt('python3 -m venv', below ?? 'python3', '-m', 'venv', folder);
  if (below !== undefined) await writeFile(join(await packagesOf(python), 'below.pth'), `${await packagesOf(below)}\n`);
  for (const install of installs) {
    await attempt('pip install', python, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...install);
  }
  await attempt(`importing ${contents}`, python, '-c', `import ${imports}`);
}

async function requirementsDigest({ requirements, on }: Environment): Promise<string> {
  const hash = createHash('sha256');
  for (const name of [...(on?.requirements ?? []), ...requirements]) hash.update(await readFile(requirement(name)));
  return hash.digest('hex').slice(0, 12);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** The last telling line of a failed command, or the error's own message. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const output = 'stderr' in error && typeof error.stderr === 'string' ? error.stderr.trim().split('\n').at(-1) : '';
  return output === undefined || output === '' ? error.message.trim() : output;
}

const entry = process.argv[1];
if (entry !== undefined && existsSync(entry) && realpathSync(entry) === fileURLToPath(import.meta.url)) {
  process.stdout.write(`${await resolvePython({ install: true, environment: process.argv[2] === 'trl' ? 'trl' : 'transformers' })}\n`);
}
