import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** Programs that are released and run together, as one image. */
export interface Family {
  readonly name: string;
  readonly title: string;
  /** Workspaces with a program. */
  readonly programs: readonly string[];
  /** A package that these programs do not load, though a library of theirs depends on it: `workspace:package`. */
  readonly without?: string;
}

export const families: readonly Family[] = [
  {
    name: 'grm-control',
    title: 'GRM: operator, voter and grmctl',
    programs: ['operator', 'apps/voter', 'apps/grmctl'],
    // They read models, and never compute one.
    without: 'libs/language-model:onnxruntime-node',
  },
  { name: 'grm-engine', title: 'GRM: sampler, meta RM and trainer', programs: ['apps/sampler', 'apps/meta-rm', 'apps/trainer'] },
];

const Manifest = z.object({ name: z.string(), dependencies: z.record(z.string(), z.string()).default({}) });

/** The programs' workspaces, and the libraries of this repository that they depend on: sorted. */
export function workspacesOf({ programs }: Family, repository: string, all: readonly string[]): string[] {
  const manifestOf = (workspace: string) => Manifest.parse(JSON.parse(readFileSync(join(repository, workspace, 'package.json'), 'utf8')));
  const byName = new Map(all.map((workspace) => [manifestOf(workspace).name, workspace]));
  const found = new Set<string>();
  const visit = (workspace: string): void => {
    if (found.has(workspace)) return;
    found.add(workspace);
    for (const name of Object.keys(manifestOf(workspace).dependencies)) {
      const other = byName.get(name);
      if (other !== undefined) visit(other);
    }
  };
  programs.forEach(visit);
  return [...found].toSorted();
}
