import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { waitUntil } from '@grm/controller-runtime/testing';
import { EXIT_CODES } from '@grm/grmctl';
import { z } from 'zod';
import { grmctl } from '../../support/grmctl.ts';
import { readRunRecord } from './read-run-record.ts';
import { runManifest } from './run-manifest.ts';
import type { TrainingHistory } from './training-history.ts';

export interface DisturbedRunOptions {
  /** An empty folder, which stays. */
  readonly folder: string;
  readonly natsUrl: string;
  /** How long the run is to be there to be disturbed, about. */
  readonly minutes: number;
}

const run = 'soak-run';
const twin = 'soak-run-alone';
const lookEveryMs = 200;
const suspendTries = 3;
/** Exit code of grmctl where what was waited for did not come. */
const timedOut = EXIT_CODES.timeout.code;

const localState = z.object({
  resources: z.array(z.object({ name: z.string(), phase: z.string(), message: z.string().optional() })),
  processes: z.array(z.object({ name: z.string(), identity: z.object({ pid: z.number(), started: z.string() }).optional() })),
});

/** A training run as `grmctl local` keeps it, beside the service that is soaked and on its NATS server. */
export class DisturbedRun implements AsyncDisposable {
  readonly #options: DisturbedRunOptions;
  readonly #lives = new Set<string>();
  readonly #watching: NodeJS.Timeout;

  private constructor(options: DisturbedRunOptions) {
    this.#options = options;
    this.#watching = setInterval(() => void this.trainer().catch(() => undefined), lookEveryMs);
  }

  static async start(options: DisturbedRunOptions): Promise<DisturbedRun> {
    const started = new DisturbedRun(options);
    await Promise.all([run, twin].map((name) => writeFile(join(options.folder, `${name}.yaml`), runManifest(name, options.minutes))));
    try {
      await started.goOn();
    } catch (error) {
      await started[Symbol.asyncDispose]();
      throw error;
    }
    return started;
  }

  /** Ends what runs in a folder. */
  static async takeDown(folder: string): Promise<void> {
    await grmctl(folder, 'local', 'down', '--folder', 'runs');
  }

  /** The trainer that runs now. */
  async trainer(): Promise<{ readonly pid: number; readonly life: string } | undefined> {
    const { processes } = await this.#state();
    const identity = processes.find(({ name }) => name === `${run}-trainer`)?.identity;
    if (identity === undefined) return undefined;
    const life = `${identity.pid} ${identity.started}`;
    this.#lives.add(life);
    return { pid: identity.pid, life };
  }

  async phase(): Promise<string | undefined> {
    return (await this.#resource(run))?.phase;
  }

  /** As a user does. @returns where it was suspended; undefined when it was complete before */
  async suspend(): Promise<string | undefined> {
    for (let attempt = 1; ; attempt++) {
      const { code, output, errors } = await this.#grmctl('run', 'suspend', run, '--server', this.#options.natsUrl, '--timeout', '60s');
      if (code === 0) return output.trim();
      if ((await this.phase()) === 'Complete') return undefined;
      if (attempt === suspendTries) throw new Error(`grmctl run suspend exited with ${code}: ${errors}`);
    }
  }

  /** Applies the run, once more where it was suspended. Returns when its trainer runs or it has ended. */
  async goOn(): Promise<void> {
    await this.#apply(run);
    await waitUntil(async () => (await this.trainer()) !== undefined || (await this.phase()) === 'Complete', { what: `a trainer of ${run}`, withinMs: 60_000 });
  }

  /** Waits for the end of the run, and carries out the same one undisturbed. */
  async history(withinMs: number): Promise<TrainingHistory> {
    await this.#ended(run, withinMs);
    clearInterval(this.#watching);
    const disturbed = await readRunRecord(this.#runFolder(run));
    await this.#apply(twin);
    await this.#ended(twin, withinMs);
    return { disturbed, alone: await readRunRecord(this.#runFolder(twin)), resumed: this.#lives.size - 1 };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#watching);
    await DisturbedRun.takeDown(this.#options.folder);
  }

  async #ended(name: string, withinMs: number): Promise<void> {
    const ended = await waitUntil(
      async () => {
        const resource = await this.#resource(name);
        return resource?.phase === 'Complete' || resource?.phase === 'Failed' ? resource : undefined;
      },
      { what: `the end of ${name}`, withinMs },
    );
    if (ended.phase === 'Failed') throw new Error(`${name} failed: ${ended.message ?? 'no reason given'}`);
  }

  /** Returns as soon as it is known to the supervisor, which goes on by itself. */
  async #apply(name: string): Promise<void> {
    const { code, errors } = await this.#grmctl('local', 'up', '-f', `${name}.yaml`, '--folder', 'runs', '--server', this.#options.natsUrl, '--timeout', '1s');
    if (code !== 0 && code !== timedOut) throw new Error(`grmctl local up exited with ${code}:\n${errors}`);
  }

  async #resource(name: string) {
    return (await this.#state()).resources.find((resource) => resource.name === name);
  }

  #grmctl(...words: string[]) {
    return grmctl(this.#options.folder, ...words);
  }

  #runFolder(name: string): string {
    return join(this.#options.folder, 'runs/runs/default', name);
  }

  async #state(): Promise<z.output<typeof localState>> {
    return localState.parse(JSON.parse(await readFile(join(this.#options.folder, 'runs/local/state.json'), 'utf8')));
  }
}
