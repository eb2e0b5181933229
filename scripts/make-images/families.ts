import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** Programs that are released and run together, as one image. */
export interface Family {
  readonly name: string;
  readonly title: string;
  /** Workspaces with a program. */
  readonly programs: readonly string[];
}

export const families: readonly Family[] = [
  {
    name: 'grm-operator',
    title: 'GRM operator',
    programs: ['operator'],
  },
  {
    name: 'grm-services',
    title: 'GRM services: voter, sampler, meta RM, trainer, and grmctl for their gates',
    programs: ['apps/voter', 'apps/sampler', 'apps/meta-rm', 'apps/trainer', 'apps/grmctl'],
  },
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
