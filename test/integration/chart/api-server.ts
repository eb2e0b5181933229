import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Kubeconfig of an administrator of an API server that may be written to; absent: the tests that need one are left out. */
export const kubeconfig = process.env['GRM_TEST_KUBECONFIG'];

export interface KubectlOptions {
  readonly stdin?: string;
}

/** Runs kubectl as the administrator. @throws Error with kubectl's own words. */
export async function kubectl(args: readonly string[], { stdin = '' }: KubectlOptions = {}): Promise<string> {
  const running = run('kubectl', [...args], { env: { ...process.env, KUBECONFIG: kubeconfig }, timeout: 60_000, maxBuffer: 64 * 1_024 * 1_024 });
  running.child.stdin?.end(stdin);
  try {
    return (await running).stdout;
  } catch (error) {
    throw new Error(error instanceof Error && 'stderr' in error && error.stderr !== '' ? String(error.stderr) : String(error), { cause: error });
  }
}
