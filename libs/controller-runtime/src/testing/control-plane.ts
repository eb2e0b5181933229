import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { PlaneAccess, type PlaneFacts } from './plane-access.ts';
import { apiServerFlags, controllerManagerFlags, etcdFlags, etcdSocket, kwokFlags, schedulerFlags } from './server-flags.ts';
import { ServerProcess } from './server-process.ts';

export type ServerName = 'etcd' | 'kube-apiserver' | 'kube-controller-manager' | 'kube-scheduler' | 'kwok';

export interface ControlPlaneSettings {
  readonly apiPort: number;
  readonly nodeMonitorGraceSeconds: number;
  readonly nodeLossTolerationSeconds: number;
}

/** Who needs whom: the other way round they stop. */
const order: readonly ServerName[] = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kwok'];

/** A control plane whose servers are children of this process. `startControlPlane` makes one. */
export class ControlPlane extends PlaneAccess {
  readonly #settings: ControlPlaneSettings;
  readonly #servers = new Map<ServerName, ServerProcess>();

  constructor(facts: PlaneFacts, settings: ControlPlaneSettings) {
    super(facts);
    this.#settings = settings;
  }

  /** Starts a server that does not run, and waits until it serves. */
  async start(name: ServerName): Promise<void> {
    if (this.#servers.get(name)?.running === true) return;
    const { folder, tools } = this.facts;
    const server = new ServerProcess({ name, file: join(tools, name), args: this.#flags(name), folder, logFile: join(folder, `${name}.log`) });
    this.#servers.set(name, server);
    if (name === 'etcd') await server.ready(() => isSocket(join(folder, etcdSocket)));
    if (name === 'kube-apiserver') await server.ready(() => this.#apiServerReady());
  }

  /** Ends a server: politely, unless the signal is SIGKILL. Its data stays. */
  async stop(name: ServerName, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.#servers.get(name)?.stop(signal);
  }

  /** Ends a server and starts it again, with the same data, address and certificates. */
  async restart(name: ServerName, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.stop(name, signal);
    await this.start(name);
  }

  /** Process ids of the servers that run. */
  get pids(): ReadonlyMap<ServerName, number> {
    return new Map([...this.#servers].flatMap(([name, { running, pid }]) => (running && pid !== undefined ? [[name, pid] as const] : [])));
  }

  /** Resident memory of every server that runs, MiB (Linux only). */
  async memory(): Promise<ReadonlyMap<ServerName, number>> {
    const of = async (pid: number): Promise<number> => Number(/VmRSS:\s+(\d+) kB/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
    return new Map(await Promise.all([...this.pids].map(async ([name, pid]) => [name, Math.round(await of(pid))] as const)));
  }

  /** What a server has logged so far. */
  log(name: ServerName): Promise<string> {
    return readFile(join(this.facts.folder, `${name}.log`), 'utf8');
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await super[Symbol.asyncDispose]();
    for (const name of order.toReversed()) await this.stop(name, 'SIGKILL');
    await rm(this.facts.folder, { recursive: true, force: true });
  }

  #flags(name: ServerName): string[] {
    const facts = { ...this.#settings, folder: this.facts.folder, controllers: this.facts.controllers };
    switch (name) {
      case 'etcd':
        return etcdFlags(facts);
      case 'kube-apiserver':
        return apiServerFlags(facts);
      case 'kube-controller-manager':
        return controllerManagerFlags(facts);
      case 'kube-scheduler':
        return schedulerFlags(facts);
      case 'kwok':
        return kwokFlags(facts);
    }
  }

  async #apiServerReady(): Promise<boolean> {
    const dispatcher = new Agent({ connect: { ca: this.facts.authority.certificate } });
    try {
      const { statusCode, body } = await request(`${this.facts.server}/readyz`, { dispatcher, headersTimeout: 2_000 });
      await body.dump();
      return statusCode === 200;
    } finally {
      await dispatcher.destroy();
    }
  }
}

async function isSocket(path: string): Promise<boolean> {
  return (await stat(path)).isSocket();
}
