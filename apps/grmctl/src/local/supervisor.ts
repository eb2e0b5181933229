import { type GRMResource, resourceKey } from '@grm/resources';
import { applyInferenceService, type AwaitedRun } from './apply-inference-service.ts';
import { applyTrainingRun, type RunEnd } from './apply-training-run.ts';
import type { BackOff } from './back-off.ts';
import type { AppliedResource, DesiredState } from './desired-state.ts';
import type { LocalFolder } from './local-folder.ts';
import { localSite } from './local-site.ts';
import type { LocalState, ResourceStatus } from './local-state.ts';
import { NATS_OWNER, natsProcess } from './nats-process.ts';
import { ProcessPool } from './process-pool.ts';
import type { ProcessSpec } from './process-spec.ts';
import type { Report } from './resource-situation.ts';
import { StateWriter } from './state-writer.ts';

export interface SupervisorOptions {
  readonly folder: LocalFolder;
  readonly backOff: BackOff;
  /** Environment that every process inherits. */
  readonly inherited: NodeJS.ProcessEnv;
  readonly log: (line: string) => void;
}

interface Application {
  readonly entry: AppliedResource;
  readonly status: { current: ResourceStatus };
  /** How a run ended, undefined for a service; rejects when applying failed. */
  readonly done: Promise<RunEnd | undefined>;
  readonly superseded: AbortController;
}

/** Makes a desired state true on this machine: a NATS server, training runs in order, and services. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #pool: ProcessPool;
  readonly #state: StateWriter;
  readonly #applications = new Map<string, Application>();
  #desired: DesiredState | undefined;
  /** Runs train one after the other: each is told that it has the machine's threads to itself. */
  #lastRun: Promise<unknown> = Promise.resolve();

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#state = new StateWriter(options.folder.state, () => this.state);
    this.#pool = new ProcessPool({
      backOff: options.backOff,
      inherited: options.inherited,
      logOf: (name) => options.folder.log(name),
      changed: ({ name, state, message }) => {
        options.log(`${name}: ${state}${message === undefined ? '' : ` (${message})`}`);
        this.#state.changed();
      },
      removed: () => this.#state.changed(),
    });
  }

  get state(): LocalState {
    const nats = this.#desired?.nats;
    return {
      version: 1,
      generation: this.#desired?.generation ?? 0,
      nats: { url: nats === undefined ? '' : natsUrl(nats), managed: nats?.kind === 'managed' },
      resources: [...this.#applications.values()].map(({ status }) => this.#rollUp(status.current)),
      processes: this.#pool.statuses,
    };
  }

  /** Starts to make it true and returns; `state` tells how far that is. Call again with the next generation. */
  async apply(desired: DesiredState): Promise<void> {
    const { folder } = this.#options;
    const nats = desired.nats.kind === 'managed' ? [natsProcess(folder, desired.nats.executable, desired.nats.port)] : [];
    await this.#pool.set(NATS_OWNER, nats);
    const runsFirst = desired.resources.toSorted((one, other) => rankOfKind(one.resource) - rankOfKind(other.resource));
    const replan = this.#desired !== undefined && JSON.stringify(settingsOf(this.#desired)) !== JSON.stringify(settingsOf(desired));
    this.#desired = desired;
    const changedRuns = new Set<string>();
    for (const entry of runsFirst) {
      const key = resourceKey(entry.resource);
      const before = this.#applications.get(key);
      if (before !== undefined && JSON.stringify(before.entry) === JSON.stringify(entry) && !isDueAgain(before.status.current.phase, key, desired, replan || dependsOn(entry.resource, changedRuns))) continue;
      before?.superseded.abort();
      if (entry.resource.kind === 'GRMTrainingRun') changedRuns.add(entry.resource.metadata.name);
      this.#applications.set(key, this.#start(entry, desired));
    }
    this.#state.changed();
  }

  /** Ends every process: voters first, which finish what they have been asked; the NATS server last. */
  async stop(): Promise<void> {
    await this.#pool.close(rankOfStop);
    this.#state.changed();
    await this.#state.flush();
  }

  #start(entry: AppliedResource, desired: DesiredState): Application {
    const { resource } = entry;
    const { namespace, name } = resource.metadata;
    const key = resourceKey(resource);
    const status: Application['status'] = { current: { key, kind: resource.kind, namespace, name, phase: 'Waiting' } };
    const superseded = new AbortController();
    const report: Report = (phase, message, heldBy) => {
      if (superseded.signal.aborted) return;
      const why = { ...(message === undefined ? {} : { message }), ...(heldBy === undefined ? {} : { heldBy }) };
      status.current = { key, kind: resource.kind, namespace, name, phase, ...why };
      this.#options.log(`${key}: ${phase}${message === undefined ? '' : ` (${message})`}`);
      this.#state.changed();
    };
    const done = this.#applyResource(entry, desired, report, superseded.signal);
    done.catch((error: unknown) => report('Failed', messageOf(error)));
    return { entry, status, done, superseded };
  }

  async #applyResource(
    { resource, folder: manifestFolder }: AppliedResource,
    desired: DesiredState,
    report: Report,
    signal: AbortSignal,
  ): Promise<RunEnd | undefined> {
    const { folder } = this.#options;
    const { programs, logLevel, telemetryEndpoint } = desired;
    const site = localSite({
      folder,
      programs,
      manifestFolder,
      natsUrl: natsUrl(desired.nats),
      logLevel,
      ...(telemetryEndpoint === undefined ? {} : { telemetryEndpoint }),
    });
    const owner = resourceKey(resource);
    const situation = { owner, programs, config: folder.config, node: process.execPath, report, signal, pool: this.#pool, site };
    if (resource.kind === 'GRMInferenceService') {
      const { namespace } = resource.metadata;
      await applyInferenceService(resource, { ...situation, runOf: (name) => this.#runOf(namespace, name) });
      return undefined;
    }
    const apply = () =>
      applyTrainingRun(resource, {
        ...situation,
        runFolder: folder.runFolder(resource.metadata),
        retrain: desired.retrain.includes(owner),
      });
    const stopped = this.#stopTrainer(owner, report);
    // One that is not to train waits for no other.
    if (resource.spec.suspend) return stopped.then(apply);
    const mine = Promise.all([stopped, this.#lastRun]).then(apply);
    this.#lastRun = mine.catch(() => undefined);
    return mine;
  }

  /** Ends what an earlier application of a run has started; resolves when the trainer has saved and is gone. */
  async #stopTrainer(owner: string, report: Report): Promise<void> {
    const runs = this.#pool.statusesOf(owner).some(({ identity }) => identity !== undefined);
    if (runs) report('Waiting', 'its trainer saves a checkpoint and ends');
    await this.#pool.set(owner, []);
    if (runs) report('Waiting');
  }

  #runOf(namespace: string, name: string): AwaitedRun | undefined {
    const key = `GRMTrainingRun/${namespace}/${name}`;
    const run = this.#applications.get(key);
    if (run === undefined) return undefined;
    const end = run.done.then((ended) => {
      if (ended === undefined) throw new Error(`${key} is no run`);
      return ended;
    });
    return { key, end };
  }

  /** A service whose processes have been started is ready when all of them are. */
  #rollUp(status: ResourceStatus): ResourceStatus {
    if (status.kind !== 'GRMInferenceService' || status.phase !== 'Starting') return status;
    const processes = this.#pool.statusesOf(status.key);
    const waiting = processes.filter(({ state }) => state !== 'ready');
    if (processes.length > 0 && waiting.length === 0) return { ...status, phase: 'Ready' };
    return { ...status, message: `waits for ${waiting.map(({ name }) => name).join(', ') || 'its processes'}` };
  }
}

function natsUrl(nats: DesiredState['nats']): string {
  return nats.kind === 'given' ? nats.url : `nats://127.0.0.1:${nats.port}`;
}

/** What every process depends on besides its resource. */
function settingsOf({ programs, nats, logLevel, telemetryEndpoint }: DesiredState): unknown {
  return [programs, nats, logLevel, telemetryEndpoint];
}

function rankOfKind({ kind }: GRMResource): number {
  return kind === 'GRMTrainingRun' ? 0 : 1;
}

/** Whether a resource that is as it was is applied once more all the same. */
function isDueAgain(phase: Application['status']['current']['phase'], key: string, { applied, retrain }: DesiredState, replanned: boolean): boolean {
  // Whoever applies another manifest does not mean the run that they suspended.
  if (phase === 'Suspended') return applied.includes(key);
  return phase === 'Failed' || retrain.includes(key) || replanned;
}

function dependsOn(resource: GRMResource, runs: ReadonlySet<string>): boolean {
  if (resource.kind !== 'GRMInferenceService') return false;
  return [resource.spec.model, resource.spec.metaRM?.model].some(
    (source) => source !== undefined && 'trainingRun' in source && runs.has(source.trainingRun.name),
  );
}

function rankOfStop({ owner, name }: ProcessSpec): number {
  if (owner === NATS_OWNER) return 2;
  return /-voter-\d+$/.test(name) ? 0 : 1;
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
