import { PlaneAccess, runTool, type ToolOptions, waitUntil } from '@grm/controller-runtime/testing';
import { type ClusterFacts, type NodeServer, nodeServers } from './cluster-facts.ts';
import { defaultClusterName, readClusterFacts } from './cluster-folder.ts';
import { containerdSocket } from './node/node-files.ts';
import { type ServerStates, tellSupervisor } from './node/control.ts';

/** A single-node cluster with real pods, which `make cluster` brought up. */
export class Cluster extends PlaneAccess {
  readonly cluster: ClusterFacts;

  constructor(facts: ClusterFacts) {
    super(facts.plane);
    this.cluster = facts;
  }

  /** IP address of the node, for NodePorts. */
  get address(): string {
    return this.cluster.address;
  }

  /** Name of the real node; others are kwok's. */
  get node(): string {
    return this.cluster.node;
  }

  /** Runs a program on the node: in its process ids, mounts and network. @throws ToolFailedError */
  onNode([program, ...args]: readonly [string, ...string[]], options: ToolOptions = {}): Promise<string> {
    return runTool('nsenter', ['--target', String(this.cluster.pid), '--net', '--mount', '--pid', '--', program, ...args], options);
  }

  /** `ctr` on the node, among the images and containers of Kubernetes. @throws ToolFailedError */
  containerd(args: readonly string[], options: ToolOptions = {}): Promise<string> {
    return this.onNode(['ctr', '--address', containerdSocket, '--namespace', 'k8s.io', ...args], options);
  }

  /** Ends a server of the node or of the control plane by SIGKILL. Its supervisor starts it again after half a second. */
  async killServer(server: NodeServer): Promise<void> {
    const before = (await this.servers())[server]?.starts ?? 0;
    await tellSupervisor(this.cluster.control, { kind: 'kill', server });
    await waitUntil(async () => ((await this.servers())[server]?.starts ?? 0) > before, { what: `${server} to be started again` });
  }

  /** Starts a server that has not run yet. */
  async startServer(server: NodeServer): Promise<void> {
    await tellSupervisor(this.cluster.control, { kind: 'start', server });
  }

  servers(): Promise<ServerStates> {
    return tellSupervisor(this.cluster.control, { kind: 'status' });
  }

  /** Resident memory of the servers, MiB. */
  async memory(): Promise<ReadonlyMap<NodeServer, number>> {
    const states = await this.servers();
    const found = new Map<NodeServer, number>();
    for (const name of nodeServers) {
      const pid = states[name]?.pid;
      if (pid === undefined) continue;
      const status = await this.onNode(['cat', `/proc/${pid}/status`]);
      found.set(name, Math.round(Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024));
    }
    return found;
  }
}

/** The cluster that `make cluster` brought up. @throws NoClusterError */
export async function openCluster(name = process.env['GRM_CLUSTER'] ?? defaultClusterName): Promise<Cluster> {
  return new Cluster(await readClusterFacts(name));
}
