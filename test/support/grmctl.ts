import { execFile } from 'node:child_process';
import { repositoryFile } from './repository-file.ts';

export interface GrmctlResult {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

const main = repositoryFile('apps/grmctl/dist/main.js');

/** Runs `grmctl` as a user does, in a folder, with nothing of the test runner's environment but what a process needs to run at all. */
export async function grmctl(folder: string, ...words: readonly string[]): Promise<GrmctlResult> {
  const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], XDG_CACHE_HOME: process.env['XDG_CACHE_HOME'] };
  const { promise, resolve, reject } = Promise.withResolvers<GrmctlResult>();
  execFile(process.execPath, [main, ...words], { cwd: folder, env, timeout: 110_000 }, (error, output, errors) => {
    if (error === null) resolve({ code: 0, output, errors });
    else if (typeof error.code === 'number') resolve({ code: error.code, output, errors });
    else reject(error);
  });
  return promise;
}
