// production-manifests.mjs FOLDER WORKSPACE...: leaves in the manifests in FOLDER what these workspaces need to run. Done before npm resolves: what is in
// the tree, the lock file and the bill of materials is then the same.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const [folder, ...workspaces] = process.argv.slice(2);

for (const workspace of ['.', ...workspaces]) {
  const file = join(folder, workspace, 'package.json');
  const manifest = JSON.parse(await readFile(file, 'utf8'));
  delete manifest.devDependencies;
  if (workspace === '.') {
    // The root's own are for scripts of the repository: each program names what it needs in its workspace.
    delete manifest.dependencies;
    delete manifest.optionalDependencies;
    manifest.workspaces = workspaces;
  }
  await writeFile(file, JSON.stringify(manifest, null, 2));
}
