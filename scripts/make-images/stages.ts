import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Family, workspacesOf } from './families.ts';

/** One script of `images/stages`, which fills a folder. */
export interface Stage {
  readonly name: string;
  readonly script: string;
  /** After the folder. */
  readonly args: readonly string[];
  /** Changes with whatever the stage depends on; undefined: it is cheap, and carried out every time. */
  readonly key?: string;
}

/** A stage failed; what it said went to standard error. */
export class StageFailedError extends Error {
  override readonly name = 'StageFailedError';
  constructor(script: string, code: number | null) {
    super(`images/stages/${script} ${code === null ? 'was ended' : `failed with exit code ${code}`}; what it said is above`);
  }
}

/** What a family's image is made of, from the lowest layer up. */
export function stagesOf(family: Family, repository: string): Stage[] {
  const groups = ['apps', 'libs'].flatMap((group) => readdirSync(join(repository, group)).map((name) => `${group}/${name}`));
  const workspaces = workspacesOf(family, repository, [...groups, 'operator']);
  const keyOf = (files: readonly string[], ...more: readonly string[]): string => {
    const hash = createHash('sha256');
    for (const file of files) hash.update(`${file}\0`).update(readFileSync(join(repository, file)));
    return hash.update(JSON.stringify([process.arch, ...more])).digest('hex').slice(0, 16);
  };
  const stage = (file: string): string => `images/stages/${file}`;
  const manifests = workspaces.map((workspace) => `${workspace}/package.json`);
  return [
    { name: 'base', script: 'base.sh', args: [], key: keyOf([stage('base.sh')]) },
    { name: 'node', script: 'node.sh', args: [], key: keyOf([stage('node.sh')], process.version) },
    { name: `${family.name}-modules`, script: 'modules.sh', args: workspaces, key: keyOf([stage('modules.sh'), stage('production-manifests.mjs'), 'package-lock.json', ...manifests]) },
    { name: `${family.name}-programs`, script: 'programs.sh', args: workspaces },
  ];
}

/** Fills a folder by a stage's script. @throws StageFailedError */
export async function carryOutStage({ script, args }: Stage, root: string, repository: string): Promise<void> {
  const child = spawn('sh', [join('images', 'stages', script), root, ...args], { cwd: repository, stdio: ['ignore', 2, 2], timeout: 15 * 60_000 });
  const code = await new Promise<number | null>((done, failed) => void child.on('error', failed).on('close', done));
  if (code !== 0) throw new StageFailedError(script, code);
}
