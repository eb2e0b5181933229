import type { ProcessStatus } from './local-state.ts';
import type { ProcessSpec } from './process-spec.ts';
import { SupervisedProcess, type SupervisionOptions } from './supervised-process.ts';

export type PoolOptions = Omit<SupervisionOptions, 'log'> & {
  readonly logOf: (name: string) => string;
  /** Called when a process has ended and is none of the pool's any more: after its last `changed`, which still names it. */
  readonly removed: (name: string) => void;
};

/** All supervised processes, by name. */
export class ProcessPool {
  readonly #options: PoolOptions;
  readonly #processes = new Map<string, SupervisedProcess>();
  #closed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /**
   * Makes `specs` the processes of `owner`: what is the same goes on undisturbed, what differs is ended and started
   * anew, what is gone is ended. Resolves when the new ones have been started (not when they are ready).
   */
  async set(owner: string, specs: readonly ProcessSpec[]): Promise<SupervisedProcess[]> {
    const wanted = new Map(specs.map((spec) => [spec.name, JSON.stringify(spec)]));
    const outdated = this.#ofOwner(owner).filter(({ spec }) => wanted.get(spec.name) !== JSON.stringify(spec));
    await Promise.all(outdated.map((process) => this.#remove(process)));
    if (this.#closed) return [];
    return specs.map((spec) => this.#processes.get(spec.name) ?? this.#start(spec));
  }

  statusesOf(owner: string): ProcessStatus[] {
    return this.#ofOwner(owner).map(({ status }) => status);
  }

  get statuses(): ProcessStatus[] {
    return [...this.#processes.values()].map(({ status }) => status);
  }

  /** Ends every process, group after group in the order of `ranks` (lowest first); starts none any more. */
  async close(rankOf: (spec: ProcessSpec) => number): Promise<void> {
    this.#closed = true;
    const ranks = Map.groupBy(this.#processes.values(), ({ spec }) => rankOf(spec));
    for (const rank of [...ranks.keys()].toSorted((one, other) => one - other)) {
      await Promise.all((ranks.get(rank) ?? []).map((process) => process.stop()));
    }
  }

  #ofOwner(owner: string): SupervisedProcess[] {
    return [...this.#processes.values()].filter(({ spec }) => spec.owner === owner);
  }

  #start(spec: ProcessSpec): SupervisedProcess {
    const { logOf, removed: _, ...options } = this.#options;
    const process = new SupervisedProcess(spec, { ...options, log: logOf(spec.name) });
    this.#processes.set(spec.name, process);
    return process;
  }

  async #remove(process: SupervisedProcess): Promise<void> {
    await process.stop();
    this.#processes.delete(process.spec.name);
    this.#options.removed(process.spec.name);
  }
}
