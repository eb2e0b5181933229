import { execFile, execFileSync } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { repositoryFile, temporaryFolder } from '../support/index.ts';

const modules = ['kubernetes', 'kwok', 'helm', 'coredns', 'kube-router', 'pause'];
const links = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-proxy', 'kube-scheduler', 'kubectl', 'kubelet'];

const goCache = execFileSync('go', ['env', 'GOCACHE'], { encoding: 'utf8' }).trim();

interface Answer {
  readonly code: number;
  /** What it printed: the folder. */
  readonly folder: string;
  readonly errors: string;
}

/** An empty cache, and Go modules of the right names that build in a moment and need nothing from elsewhere. */
async function machine() {
  const folder = await temporaryFolder();
  onTestFinished(() => folder[Symbol.asyncDispose]());
  const source = join(folder.path, 'source');
  const write = async (name: string, program: string): Promise<void> => {
    await mkdir(join(source, name), { recursive: true });
    await writeFile(join(source, name, 'go.mod'), `module ${name}\n\ngo 1.24\n`);
    await writeFile(join(source, name, 'go.sum'), '');
    await writeFile(join(source, name, 'main.go'), program);
  };
  for (const name of modules) await write(name, 'package main\n\nfunc main() {}\n');
  const resolve = (environment: NodeJS.ProcessEnv = {}) =>
    new Promise<Answer>((done) => {
      // Go's own cache stays the user's: the standard library need not be compiled again.
      const env = { ...process.env, GOCACHE: goCache, XDG_CACHE_HOME: join(folder.path, 'cache'), ...environment };
      execFile(process.execPath, [repositoryFile('scripts/kubernetes-tools.ts'), '--modules', source], { env }, (error, output, errors) => done({ code: error === null ? 0 : 1, folder: output.trim(), errors }));
    });
  return { cache: join(folder.path, 'cache', 'grm', 'tools'), write, resolve };
}

test('two processes at once build once, and both get the folder', async () => {
  const { cache, resolve } = await machine();
  const [first, second] = await Promise.all([resolve(), resolve()]);
  expect([first.code, second.code]).toEqual([0, 0]);
  expect(second.folder).toBe(first.folder);
  expect(`${first.errors}${second.errors}`.match(/^built the Kubernetes tools/gm)).toHaveLength(1);
  expect((await readdir(first.folder)).toSorted()).toEqual([...modules, ...links].toSorted());
  expect(await readdir(cache)).toHaveLength(1);
});

test('what is in the cache is not built again, and what has changed is', async () => {
  const { write, resolve } = await machine();
  const first = await resolve();
  expect(await resolve()).toEqual({ code: 0, folder: first.folder, errors: '' });
  await write('helm', 'package main\n\nfunc main() { println() }\n');
  expect((await resolve()).folder).not.toBe(first.folder);
});

test('the lock of a process that is gone holds nobody up', async () => {
  const { resolve } = await machine();
  const { folder } = await resolve();
  const elsewhere = join(dirname(folder), 'elsewhere');
  const target = folder.replace(dirname(folder), join(elsewhere, 'grm', 'tools'));
  await mkdir(dirname(target), { recursive: true });
  // Beyond the largest process id that Linux gives.
  await writeFile(`${target}.lock`, '4194305');
  expect(await resolve({ XDG_CACHE_HOME: elsewhere })).toMatchObject({ code: 0, folder: target });
});

test('without Go the error says what to install', async () => {
  const { resolve } = await machine();
  expect(await resolve({ PATH: '/nowhere' })).toMatchObject({ code: 1, errors: expect.stringContaining('Install Go 1.26 or newer') });
});

test('a build that fails says what the compiler said, and leaves nothing behind', async () => {
  const { cache, write, resolve } = await machine();
  await write('kwok', 'package main\n\nfunc main() { nothing() }\n');
  expect(await resolve()).toMatchObject({ code: 1, errors: expect.stringMatching(/Building kwok failed[^]*undefined: nothing/) });
  expect(await readdir(cache)).toEqual([]);
});
