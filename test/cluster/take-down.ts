import { existsSync } from 'node:fs';
import { readdir, readFile, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runTool, waitUntil } from '@grm/controller-runtime/testing';
import { cgroupOf, clusterFolder, linkOf, NoClusterError, readClusterFacts } from './cluster-folder.ts';

const cgroups = '/sys/fs/cgroup';

/** Ends a cluster with everything in it, and removes its folder. Returns whether there was one. */
export async function takeDown(name: string): Promise<boolean> {
  const folder = clusterFolder(name);
  try {
    const { pid } = await readClusterFacts(name);
    // The first process of a process id namespace takes all others with it.
    if (await isNodeOf(pid, folder)) process.kill(pid, 'SIGKILL');
    await waitUntil(async () => !(await isNodeOf(pid, folder)), { what: `the processes of cluster ${name} to end`, withinMs: 30_000 });
  } catch (error) {
    if (!(error instanceof NoClusterError)) throw error;
    if (!existsSync(folder)) return false;
  }
  // With its network the node's end of the link goes, and this end with it; now rather than in a moment.
  await runTool('ip', ['link', 'delete', linkOf(name)]).catch(() => undefined);
  await removeCgroups(cgroupOf(name));
  await rm(folder, { recursive: true, force: true, maxRetries: 20 });
  return true;
}

/** Whether the process is the first one of the cluster's node: its id may have been given to another since. */
async function isNodeOf(pid: number, folder: string): Promise<boolean> {
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return commandLine.split('\0').includes(folder);
}

/** Removes the cgroups of pods, which outlive their processes: in each hierarchy of version 1, or in the one of version 2. */
async function removeCgroups(name: string): Promise<void> {
  const hierarchies = ['', ...(await readdir(cgroups))];
  for (const hierarchy of hierarchies) await removeTree(join(cgroups, hierarchy, name));
}

async function removeTree(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) if (entry.isDirectory()) await removeTree(join(folder, entry.name));
  // Files of a cgroup cannot be removed, and need not be. One that is busy for another moment is left.
  await rmdir(folder).catch(() => undefined);
}
