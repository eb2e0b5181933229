// production-manifests.mjs FOLDER WITHOUT WORKSPACE...: leaves in the manifests in FOLDER what these workspaces need to run, and takes out WITHOUT
// (WORKSPACE:PACKAGE; "none": nothing), which these programs do not load. Done before npm resolves: what is in the tree, the lock file and the bill of
// materials is then the same.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const [folder, without, ...workspaces] = process.argv.slice(2);
const [withoutIn, withoutPackage] = without.split(':');

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
  if (workspace === withoutIn) {
    if (manifest.dependencies?.[withoutPackage] === undefined) throw new Error(`${workspace} does not depend on ${withoutPackage}: correct the family`);
    delete manifest.dependencies[withoutPackage];
  }
  await writeFile(file, JSON.stringify(manifest, null, 2));
}
