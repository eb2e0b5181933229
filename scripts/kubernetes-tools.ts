#!/usr/bin/env node
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, realpathSync } from 'node:fs';
import { mkdir, mkdtemp, open, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';

const run = promisify(execFile);

/** Go modules under `test/tools`, with the names that each one's binary answers to besides its own. */
const MODULES: Readonly<Record<string, readonly string[]>> = {
  kubernetes: ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet', 'kube-proxy', 'kubectl'],
  kwok: [],
  helm: [],
  coredns: [],
  'kube-router': [],
  pause: [],
};
const SOURCES = ['go.mod', 'go.sum', 'main.go'];
/** Longest that one module's build, or the wait for another process that builds, may take, ms. */
const BUILD_DEADLINE = 45 * 60_000;

export interface ToolsOptions {
  /** Read for `PATH` and `XDG_CACHE_HOME`, and handed on to go. Default: the process's own. */
  readonly environment?: NodeJS.ProcessEnv;
  /** Receives progress, a line at a time. Default: standard error. */
  readonly log?: (line: string) => void;
  /** Folder of the Go modules. Default: this repository's `test/tools`. */
  readonly modules?: string | undefined;
}

/** The tools could not be built; the message says why and what to do. */
export class KubernetesToolsError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.name = 'KubernetesToolsError';
  }
}

/**
 * Folder with etcd, the Kubernetes servers, kubectl, kwok, helm, CoreDNS and kube-router. They are built from their Go modules when the user's
 * cache folder has none of this version: 8 to 15 minutes on two cores the first time, a minute when Go's own build cache
 * is warm. Processes that ask at once wait for the one that builds.
 *
 * @throws {KubernetesToolsError} when Go is missing or the build fails.
 */
export async function kubernetesTools(options: ToolsOptions = {}): Promise<string> {
  const environment = options.environment ?? process.env;
  const log = options.log ?? ((line: string) => process.stderr.write(`${line}\n`));
  const modules = options.modules ?? join(dirname(fileURLToPath(import.meta.url)), '..', 'test', 'tools');
  const folder = join(cacheFolder(environment), `kubernetes-${await fingerprint(modules, environment)}`);
  // A folder is moved to its name whole, so its presence is enough.
  if (await exists(folder)) return folder;
  await mkdir(dirname(folder), { recursive: true });
  await alone(`${folder}.lock`, () => exists(folder), log, () => build(folder, modules, environment, log));
  return folder;
}

function cacheFolder(environment: NodeJS.ProcessEnv): string {
  return join(environment['XDG_CACHE_HOME'] || join(environment['HOME'] || homedir(), '.cache'), 'grm', 'tools');
}

/** Changes with whatever can change the binaries: the modules' files, Go's version, the platform. */
async function fingerprint(modules: string, environment: NodeJS.ProcessEnv): Promise<string> {
  const hash = createHash('sha256');
  for (const module of Object.keys(MODULES)) {
    for (const file of SOURCES) hash.update(`${module}/${file}\0`).update(await readFile(join(modules, module, file)));
    hash.update(await goVersion(join(modules, module), environment));
  }
  return hash.digest('hex').slice(0, 12);
}

/** Go's own version and platform, as the module's go.mod chooses them. */
async function goVersion(module: string, environment: NodeJS.ProcessEnv): Promise<string> {
  try {
    const { stdout } = await run('go', ['env', 'GOVERSION', 'GOOS', 'GOARCH'], { cwd: module, env: environment, timeout: 300_000 });
    return stdout;
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') {
      throw new KubernetesToolsError('The Kubernetes servers that tests start are built with Go, and there is no `go` on PATH. Install Go 1.26 or newer, then run this again.', cause);
    }
    throw new KubernetesToolsError(`Go does not run in ${module}: ${lastLine(cause)}`, cause);
  }
}

async function build(folder: string, modules: string, environment: NodeJS.ProcessEnv, log: (line: string) => void): Promise<void> {
  const start = performance.now();
  const seconds = () => `${Math.round((performance.now() - start) / 1000)} s`;
  const scratch = await mkdtemp(join(dirname(folder), '.build-'));
  try {
    for (const [module, names] of Object.entries(MODULES)) {
      log(`building ${names.length > 0 ? names.join(', ') : module} (${seconds()}; the first time takes 8 to 15 minutes on two cores) ...`);
      await buildModule(join(modules, module), join(scratch, module), environment, log);
      for (const name of names) await symlink(module, join(scratch, name));
    }
    await rename(scratch, folder).catch(async (error: unknown) => {
      // Somebody else built the same all the same.
      if (!(await exists(folder))) throw error;
    });
    log(`built the Kubernetes tools in ${seconds()}: ${folder}`);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function buildModule(module: string, target: string, environment: NodeJS.ProcessEnv, log: (line: string) => void): Promise<void> {
  const flags = ['-buildvcs=false', '-trimpath', '-ldflags', await linkerFlags(module), '-o', target, '.'];
  const child = spawn('go', ['build', ...flags], { cwd: module, env: { ...environment, CGO_ENABLED: '0' }, stdio: ['ignore', 'ignore', 'pipe'], timeout: BUILD_DEADLINE });
  const said: string[] = [];
  let fetched = 0;
  createInterface(child.stderr).on('line', (line) => {
    if (!line.startsWith('go: downloading')) said.push(line);
    else if (++fetched % 50 === 1) log(`fetching Go modules (${fetched} so far) ...`);
  });
  const code = await new Promise<number | null>((resolve, reject) => void child.on('error', reject).on('close', resolve));
  if (code === 0) return;
  throw new KubernetesToolsError([`Building ${basename(module)} failed${code === null ? ': it took too long' : ''}.`, ...said.slice(-10), 'Go fetches its modules as GOPROXY says; look there first when a download failed.'].join('\n'));
}

/** Strips symbols, and stamps the version of Kubernetes, without which servers call themselves v0.0.0. */
async function linkerFlags(module: string): Promise<string> {
  const version = /^\s*k8s\.io\/kubernetes (v1\.(\d+)\.\d+)$/m.exec(await readFile(join(module, 'go.mod'), 'utf8'));
  const [, full, minor] = version ?? [];
  if (full === undefined || minor === undefined) return '-s -w';
  const facts = { gitVersion: full, gitMajor: '1', gitMinor: minor, gitTreeState: 'clean', gitCommit: '0'.repeat(40), buildDate: '1970-01-01T00:00:00Z' };
  const packages = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'];
  return ['-s -w', ...packages.flatMap((name) => Object.entries(facts).map(([key, value]) => `-X ${name}.${key}=${value}`))].join(' ');
}

/**
 * Lets one process at a time act. The lock is a file that holds the process's id; that of a process which is gone counts for nothing.
 * Who has waited looks again first, by `isDone`, whether there is anything left to do.
 */
async function alone(lock: string, isDone: () => Promise<boolean>, log: (line: string) => void, act: () => Promise<void>): Promise<void> {
  const deadline = performance.now() + BUILD_DEADLINE;
  for (let waited = false; !(await take(lock)); waited = true) {
    if (!waited) log(`another process is building the Kubernetes tools; waiting for it (${lock}) ...`);
    if (performance.now() > deadline) throw new KubernetesToolsError(`Waited too long for the process that holds ${lock}; if none is building, delete that file.`);
    await pause(500);
  }
  try {
    if (!(await isDone())) await act();
  } finally {
    await rm(lock, { force: true });
  }
}

async function take(lock: string): Promise<boolean> {
  try {
    await using file = await open(lock, 'wx');
    await file.writeFile(String(process.pid));
    return true;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    const holder = Number(await readFile(lock, 'utf8').catch(() => ''));
    // Empty for the moment between its creation and its content.
    if (holder > 0 && !isAlive(holder)) await rm(lock, { force: true });
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function lastLine(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const output = 'stderr' in error && typeof error.stderr === 'string' ? error.stderr.trim().split('\n').at(-1) : '';
  return output === undefined || output === '' ? error.message.trim() : output;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { help: { type: 'boolean' }, modules: { type: 'string' } } });
  if (values.help === true) {
    process.stdout.write(
      'Usage: node scripts/kubernetes-tools.ts [--modules FOLDER]\nPrints the folder of etcd, the Kubernetes servers, kubectl, kwok, helm, CoreDNS and kube-router; builds them first, from the Go modules in FOLDER (test/tools), where the cache has none.\n',
    );
    return;
  }
  try {
    process.stdout.write(`${await kubernetesTools(values)}\n`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}

const entry = process.argv[1];
if (entry !== undefined && existsSync(entry) && realpathSync(entry) === fileURLToPath(import.meta.url)) await main();
