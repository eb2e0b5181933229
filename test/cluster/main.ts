import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import Table from 'cli-table3';
import { Command } from 'commander';
import { bringUp } from './bring-up.ts';
import { openCluster } from './cluster.ts';
import { nodeServers } from './cluster-facts.ts';
import { clusterFolder, defaultClusterName, repository } from './cluster-folder.ts';
import { takeDown } from './take-down.ts';

const program = new Command('cluster').description('A Kubernetes cluster with one real node on this machine, from packages alone. Linux, as root.').showHelpAfterError();
const name = ['--name <name>', 'of several clusters on one machine', defaultClusterName] as const;

program
  .command('up')
  .description('bring it up anew, with the images of .grm/images')
  .option(...name)
  .option('--fake-nodes <count>', 'nodes with 8 A100 each that only kwok plays', '4')
  .action(async (options: { name: string; fakeNodes: string }) => {
    const fakeNodes = Number(options.fakeNodes);
    if (!Number.isInteger(fakeNodes) || fakeNodes < 0 || fakeNodes > 1000) throw new Error(`--fake-nodes: expected a whole number up to 1000, not "${options.fakeNodes}"`);
    const cluster = await bringUp({ name: options.name, images: await builtImages(), fakeNodes, onStep: (step, seconds) => console.log(`${seconds.toFixed(1).padStart(6)} s  ${step}`) });
    console.log(`\nexport KUBECONFIG=${cluster.kubeconfigPath}\nexport PATH=${cluster.facts.tools}:$PATH   # kubectl, helm\nnode ${cluster.node} at ${cluster.address}; logs in ${clusterFolder(options.name)}`);
    await cluster[Symbol.asyncDispose]();
  });

program
  .command('down')
  .description('end it, with everything in it')
  .option(...name)
  .action(async (options: { name: string }) => console.log((await takeDown(options.name)) ? `cluster ${options.name} is gone` : `there is no cluster ${options.name}`));

program
  .command('status')
  .description('what runs on the node outside of pods')
  .option(...name)
  .option('--json', 'as JSON')
  .action(async (options: { name: string; json?: true }) => {
    await using cluster = await openCluster(options.name);
    const [servers, memory] = await Promise.all([cluster.servers(), cluster.memory()]);
    const rows = nodeServers.map((server) => ({ server, running: servers[server]?.pid !== undefined, starts: servers[server]?.starts ?? 0, memoryMiB: memory.get(server) }));
    if (options.json === true) return console.log(JSON.stringify(rows, undefined, 2));
    const table = new Table({ head: ['server', 'runs', 'starts', 'MiB'], style: { head: [], border: [] }, colAligns: ['left', 'left', 'right', 'right'] });
    table.push(...rows.map(({ server, running, starts, memoryMiB }) => [server, running ? 'yes' : 'no', starts, memoryMiB ?? '']));
    console.log(table.toString());
  });

async function builtImages(): Promise<string[]> {
  const folder = join(repository, '.grm', 'images');
  const files = await readdir(folder).catch(() => []);
  return files.filter((file) => file.endsWith('.tar')).map((file) => join(folder, file));
}

try {
  await program.parseAsync();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
