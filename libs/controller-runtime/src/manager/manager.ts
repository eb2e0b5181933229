import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { ApiClient } from '../api/api-client.ts';
import type { KubernetesObject } from '../api/kubernetes-object.ts';
import type { ResourceType } from '../api/resource-type.ts';
import { type Informer, type InformerOptions, SharedInformer } from '../cache/informer.ts';
import { Controller, type ControllerOptions } from '../controller/controller.ts';
import { type LeaderElectionOptions, LeaderElector } from '../leader/leader-elector.ts';
import type { RuntimeMetrics } from '../metrics/runtime-metrics.ts';
import { type Clock, systemClock } from '../time/clock.ts';
import { EventLoopWatch } from './event-loop-watch.ts';
import { type HealthCheck, HealthServer } from './health-server.ts';

/** Something beside controllers that runs as long as the process. */
export interface Runnable {
  readonly name: string;
  /** Whether only the leader runs it. */
  readonly needsLeader: boolean;
  run(signal: AbortSignal): Promise<void>;
}

export interface ManagerOptions {
  readonly client: ApiClient;
  /** Namespaces that informers read. */
  readonly namespaces: readonly string[] | 'all';
  /** Without it this process works as if it were alone. */
  readonly leaderElection?: LeaderElectionOptions;
  readonly health?: { readonly host: string; readonly port: number };
  readonly registry: Registry;
  readonly metrics: RuntimeMetrics;
  readonly log: Logger;
  readonly clock?: Clock;
  readonly random?: () => number;
  /** A stall of the event loop that counts as dead, ms. Default 20 s. */
  readonly deadAfterMs?: number;
  /** Longest that work under way may take to end when the process stops, ms. Default 25 s. */
  readonly stopMs?: number;
  /** A watch that says nothing for so long is opened anew, ms. */
  readonly inactivityMs?: number;
}

/** Runs informers, controllers and whatever else belongs to one operator process: caches always, work only while it leads. */
export class Manager {
  readonly #options: ManagerOptions;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #informers: SharedInformer<KubernetesObject>[] = [];
  readonly #controllers: Controller[] = [];
  readonly #runnables: Runnable[] = [];
  readonly #readyChecks = new Map<string, HealthCheck>();
  #health: HealthServer | undefined;

  constructor(options: ManagerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
  }

  /** Port of the health server once the manager runs. */
  get healthPort(): number | undefined {
    return this.#health?.port;
  }

  get synced(): boolean {
    return this.#informers.every(({ synced }) => synced);
  }

  informer<T extends KubernetesObject>(type: ResourceType<T>, options: InformerOptions<T> = {}): Informer<T> {
    const { client, namespaces, log, metrics, inactivityMs } = this.#options;
    const informer = new SharedInformer(type, options, { client, namespaces, log, metrics, clock: this.#clock, random: this.#random, ...(inactivityMs === undefined ? {} : { inactivityMs }) });
    this.#informers.push(informer as unknown as SharedInformer<KubernetesObject>);
    return informer;
  }

  controller<P extends KubernetesObject>(options: ControllerOptions<P>): Controller<P> {
    const { log, metrics } = this.#options;
    const controller = new Controller(options, { log, metrics, clock: this.#clock, random: this.#random });
    this.#controllers.push(controller as unknown as Controller);
    return controller;
  }

  addRunnable(runnable: Runnable): void {
    this.#runnables.push(runnable);
  }

  addReadyCheck(name: string, check: HealthCheck): void {
    this.#readyChecks.set(name, check);
  }

  /**
   * Runs until the signal aborts, then until all has ended.
   * @throws LeadershipLostError when another took over; whatever a runnable threw. The process had better end then.
   */
  async run(signal: AbortSignal): Promise<void> {
    const { leaderElection, client, log, metrics, stopMs = 25_000 } = this.#options;
    const failed = new AbortController();
    const running = AbortSignal.any([signal, failed.signal]);
    using stalls = new EventLoopWatch();
    this.#health = await this.#listen(stalls);
    let failure: unknown;
    const guard = async (name: string, work: Promise<void>): Promise<void> => {
      try {
        await work;
      } catch (error) {
        if (!running.aborted) {
          log.error({ err: error, runnable: name }, 'failed');
          failure ??= error;
          failed.abort(error);
        }
      }
    };
    const caches = this.#informers.map((informer) => guard(`informer of ${informer.type.kind}`, informer.run(running)));
    const always = this.#runnables.filter(({ needsLeader }) => !needsLeader).map((runnable) => guard(runnable.name, runnable.run(running)));
    const lead = (leading: AbortSignal) => {
      // Others lead from now on: everything stops, and is given only so long to do so.
      const lost = () => {
        if (running.aborted) return;
        failure ??= leading.reason;
        failed.abort(leading.reason);
      };
      leading.addEventListener('abort', lost, { once: true });
      return this.#lead(leading, guard);
    };
    const work = leaderElection === undefined ? lead(running) : new LeaderElector(leaderElection, { client, clock: this.#clock, random: this.#random, log, metrics }).run(running, lead);
    const ended = Promise.all([guard('work', work), ...always, ...caches]).then(() => undefined);
    await Promise.race([ended, aborted(running)]);
    if (!(await within(ended, stopMs))) log.error({ stopMs }, 'work under way did not end in time');
    await this.#health?.[Symbol.asyncDispose]();
    if (failure !== undefined) throw failure;
  }

  async #lead(leading: AbortSignal, guard: (name: string, work: Promise<void>) => Promise<void>): Promise<void> {
    while (!this.synced && !leading.aborted) await this.#clock.sleep(20, leading);
    if (leading.aborted) return;
    const work = [...this.#controllers.map((controller) => guard(`controller ${controller.name}`, controller.run(leading))), ...this.#runnables.filter(({ needsLeader }) => needsLeader).map((runnable) => guard(runnable.name, runnable.run(leading)))];
    // Work that ends by itself does not end the leadership.
    await Promise.all([...work, aborted(leading)]);
  }

  async #listen(stalls: EventLoopWatch): Promise<HealthServer | undefined> {
    const { health, registry, deadAfterMs = 20_000 } = this.#options;
    if (health === undefined) return undefined;
    return HealthServer.listen({
      ...health,
      registry,
      live: {
        'event-loop': () => {
          const longest = stalls.longestMs();
          return longest > deadAfterMs ? `it stood still for ${Math.round(longest)} ms` : undefined;
        },
      },
      ready: {
        caches: () => {
          const missing = this.#informers.filter(({ synced }) => !synced).map(({ type }) => type.kind);
          return missing.length === 0 ? undefined : `not read yet: ${missing.join(', ')}`;
        },
        ...Object.fromEntries(this.#readyChecks),
      },
      collect: () => {
        for (const controller of this.#controllers) controller.reportWork();
      },
    });
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

async function within(work: Promise<void>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const inTime = await Promise.race([work.then(() => true), late]);
  clearTimeout(timer);
  return inTime;
}
