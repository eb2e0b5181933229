import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defaultControllers, layOutPlane, runTool, toolsFolder, waitUntil } from '@grm/controller-runtime/testing';
import { Cluster } from './cluster.ts';
import type { ClusterFacts, NodeServer } from './cluster-facts.ts';
import { cgroupOf, clusterFolder, linkOf, repository } from './cluster-folder.ts';
import { freeNetwork } from './free-network.ts';
import { writeNodeFiles } from './node/node-files.ts';
import { apiPort, serverCommands } from './node/server-commands.ts';
import type { SupervisorPlan } from './node/supervisor.ts';
import { requirements } from './requirements.ts';
import { takeDown } from './take-down.ts';

export interface BringUpOptions {
  readonly name: string;
  /** Image archives that the node is to have: OCI layouts as tar files. */
  readonly images: readonly string[];
  /** Fake nodes with eight A100 each. */
  readonly fakeNodes: number;
  /** Is told of each step, with the seconds since the start. */
  readonly onStep: (step: string, seconds: number) => void;
}

const compiled = join(repository, 'test', 'dist', 'cluster');

/**
 * Brings up a cluster with one real node: about fifteen seconds. It goes on when this process ends; `takeDown` ends it.
 * @throws RequirementsError when the machine lacks something
 */
export async function bringUp({ name, images, fakeNodes, onStep }: BringUpOptions): Promise<Cluster> {
  const start = performance.now();
  const step = (text: string) => onStep(text, (performance.now() - start) / 1000);
  const cni = await requirements();
  const tools = await toolsFolder();
  await takeDown(name);
  const folder = clusterFolder(name);
  await mkdir(folder, { recursive: true });
  try {
    const { address, outside } = freeNetwork();
    const plane = await layOutPlane({ folder, tools, address, apiPort, controllers: defaultControllers });
    const node = `${name}-node`;
    await writeNodeFiles({ plane, node, address, cgroup: cgroupOf(name), cni });
    const control = join(folder, 'control.sock');
    const plan: SupervisorPlan = { control, commands: serverCommands({ plane, node, address, claimsProgram: [process.execPath, join(compiled, 'claims', 'main.js')] }) };
    await writeFile(join(folder, 'plan.json'), JSON.stringify(plan));
    const pid = await startNode(folder, { NODE_ADDRESS: address, NODE_CGROUP: cgroupOf(name) });
    await linkTo(pid, name, outside);
    const facts: ClusterFacts = { name, plane, node, address, outside, pid, control };
    await writeFile(join(folder, 'cluster.json'), JSON.stringify(facts, undefined, 2), { mode: 0o600 });
    await waitUntil(() => existsSync(control), { what: `the node's supervisor (its log is ${join(folder, 'node.log')})` });
    step('namespaces and network');

    const cluster = new Cluster(facts);
    await startControlPlane(cluster);
    step('etcd, API server, controller manager, scheduler, kwok');
    await startContainers(cluster, images);
    step(`containerd, with ${images.length} images`);
    await startNodeServers(cluster);
    step(`node ${node} is ready`);
    if (fakeNodes > 0) {
      await cluster.fakeNodes({ count: fakeNodes, gpus: 8 });
      step(`${fakeNodes} fake nodes with 8 A100 each`);
    }
    return cluster;
  } catch (error) {
    const logs = await lastWords(folder);
    await takeDown(name);
    throw new Error(`The cluster did not come up: ${error instanceof Error ? error.message : String(error)}${logs}`, { cause: error });
  }
}

/** Returns the process id of the node's first process. */
async function startNode(folder: string, environment: Readonly<Record<string, string>>): Promise<number> {
  const log = openSync(join(folder, 'node.log'), 'a');
  const namespaces = ['--net', '--mount', '--pid', '--fork', '--mount-proc', '--propagation', 'private', '--kill-child=SIGKILL'];
  const source = join(repository, 'test', 'cluster', 'node', 'pid1.sh');
  const command = ['bash', source, folder, process.execPath, join(compiled, 'node', 'supervisor.js'), join(folder, 'plan.json')];
  const path = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
  const child = spawn('unshare', [...namespaces, ...command], { detached: true, stdio: ['ignore', log, log], env: { PATH: path, ...environment } });
  closeSync(log);
  await once(child, 'spawn');
  child.unref();
  const { pid } = child;
  return waitUntil(async () => Number((await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim().split(' ')[0]) || undefined, { what: 'the first process of the node' });
}

/** A link between this network and the node's, with an address at each end. */
async function linkTo(pid: number, name: string, outside: string): Promise<void> {
  const link = linkOf(name);
  await runTool('ip', ['link', 'add', link, 'type', 'veth', 'peer', 'name', 'node0', 'netns', String(pid)]);
  await runTool('ip', ['address', 'add', `${outside}/24`, 'dev', link]);
  await runTool('ip', ['link', 'set', link, 'up']);
}

async function startControlPlane(cluster: Cluster): Promise<void> {
  await cluster.startServer('etcd');
  await cluster.startServer('kube-apiserver');
  await waitUntil(() => cluster.kubectl(['get', '--raw', '/readyz'], { timeoutMs: 5_000 }), { what: 'the API server', withinMs: 60_000 });
  for (const server of ['kube-controller-manager', 'kube-scheduler', 'kwok'] satisfies NodeServer[]) await cluster.startServer(server);
}

async function startContainers(cluster: Cluster, images: readonly string[]): Promise<void> {
  await cluster.startServer('containerd');
  await waitUntil(() => cluster.containerd(['version']), { what: 'containerd', withinMs: 30_000 });
  for (const image of images) await cluster.containerd(['images', 'import', image], { timeoutMs: 300_000 });
}

async function startNodeServers(cluster: Cluster): Promise<void> {
  for (const server of ['kubelet', 'kube-proxy', 'coredns', 'claims'] satisfies NodeServer[]) await cluster.startServer(server);
  await waitUntil(async () => (await cluster.kubectl(['get', 'node', cluster.node, '-o', 'jsonpath={.status.conditions[?(@.type=="Ready")].status}'])) === 'True', { what: 'the node to be ready', withinMs: 60_000 });
  // It looks up its own node when it starts.
  await cluster.startServer('kube-router');
  await waitUntil(() => cluster.kubectl(['get', 'serviceaccount', 'default']), { what: 'the default ServiceAccount', withinMs: 60_000 });
}

async function lastWords(folder: string): Promise<string> {
  const logs = (await readdir(folder)).filter((name) => name.endsWith('.log'));
  const ends = await Promise.all(logs.map(async (name) => ({ name, end: (await readFile(join(folder, name), 'utf8')).trim().split('\n').slice(-4).join('\n') })));
  return ends.filter(({ end }) => end !== '').map(({ name, end }) => `\n--- ${name}\n${end}`).join('');
}
