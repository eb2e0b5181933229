import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const grmctl = fileURLToPath(new URL('../../apps/grmctl/dist/main.js', import.meta.url));

/** What `grmctl run compare` prints in Markdown; the command is shown with it. */
export async function compare(args: readonly string[], folderOf: (name: string) => string): Promise<string> {
  const { stdout } = await run(process.execPath, [grmctl, 'run', 'compare', ...args.map((arg) => withFolders(arg, folderOf)), '--markdown'], { maxBuffer: 16 << 20 });
  return `\`grmctl run compare ${args.join(' ')}\`\n\n${stdout.trim().replaceAll(/^## /gmu, '### ')}`;
}

/** Run names as folders: `rft=rft-seed1,rft-seed2` and `base`. */
function withFolders(arg: string, folderOf: (name: string) => string): string {
  if (arg.startsWith('--') || arg.includes('@') || arg === 'greedy' || arg === 'category') return arg;
  const [group, names] = arg.split('=');
  return names === undefined ? folderOf(arg) : `${group}=${names.split(',').map(folderOf).join(',')}`;
}
