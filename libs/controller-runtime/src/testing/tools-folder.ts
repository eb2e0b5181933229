import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const script = join('scripts', 'kubernetes-tools.ts');
let folder: Promise<string> | undefined;

/** Folder of etcd, the Kubernetes servers, kubectl, kwok, helm and what a node is made of; the repository's script builds them where they are missing (minutes). */
export function toolsFolder(): Promise<string> {
  return (folder ??= resolve());
}

function resolve(): Promise<string> {
  return new Promise((done, fail) => {
    const child = execFile(process.execPath, [join(repository(), script)], (error, stdout, stderr) => {
      if (error === null) done(stdout.trim());
      else fail(new Error(stderr.trim() || error.message, { cause: error }));
    });
    // Progress of a build is for whoever waits for it.
    child.stderr?.pipe(process.stderr, { end: false });
  });
}

/** The nearest folder above with the script: the same from sources and from their compiled form. */
function repository(): string {
  let here = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(here, script))) {
    const parent = dirname(here);
    if (parent === here) throw new Error(`${script} is in no folder above ${fileURLToPath(import.meta.url)}`);
    here = parent;
  }
  return here;
}
