import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConnectOptions } from '@grm/client';
import type { ServiceAddress } from '@grm/protocol';
import type { NodeConnectionOptions } from '@nats-io/transport-node';
import { stringify } from 'yaml';
import { z } from 'zod';
import { grmctl } from '../../support/grmctl.ts';
import { type Component, components, type Ground, type Member } from './ground.ts';

export interface LocalGroundOptions {
  /** An empty folder, which stays: logs are in it. */
  readonly folder: string;
  readonly samplers: number;
  readonly voters: number;
  readonly metaRMs: number;
}

const service = 'soak';
const maxPending = 64;

/** The part of the local runtime's state that is needed here; `grmctl local status --json` prints the same. */
const localState = z.object({
  nats: z.object({ url: z.string() }),
  processes: z.array(z.object({ name: z.string(), state: z.string(), startedAt: z.string().optional(), identity: z.object({ pid: z.number(), started: z.string() }).optional() })),
});

/** One inference service of the small judge as `grmctl local` keeps it: the processes, NATS server and supervisor that users have on one machine. */
export class LocalGround implements Ground {
  readonly kind = 'local';
  readonly address: ServiceAddress = { namespace: 'default', service };
  readonly maxPending = maxPending;
  readonly inboxes = '_INBOX.>';
  readonly #options: LocalGroundOptions;
  #samplers: number;

  private constructor(options: LocalGroundOptions) {
    this.#options = options;
    this.#samplers = options.samplers;
  }

  static async open(options: LocalGroundOptions): Promise<LocalGround> {
    const ground = new LocalGround(options);
    try {
      await ground.#apply();
    } catch (error) {
      await ground[Symbol.asyncDispose]();
      throw error;
    }
    return ground;
  }

  /** Ends what runs in a folder. */
  static async takeDown(folder: string): Promise<void> {
    await grmctl(folder, 'local', 'down', '--folder', 'grm');
  }

  get samplers(): number {
    return this.#samplers;
  }

  async url(): Promise<string> {
    return (await this.#state()).nats.url;
  }

  async team(): Promise<ConnectOptions> {
    return { servers: await this.url(), ...this.address };
  }

  async administration(): Promise<NodeConnectionOptions> {
    return { servers: await this.url() };
  }

  async members(component: Component): Promise<readonly Member[]> {
    const { processes } = await this.#state();
    return processes.flatMap(({ name, identity }) =>
      identity !== undefined && componentOf(name) === component ? [{ name, component, incarnation: `${identity.pid} ${identity.started}` }] : [],
    );
  }

  async signal(member: Member, signal: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT'): Promise<void> {
    const now = (await this.members(member.component)).find(({ incarnation }) => incarnation === member.incarnation);
    if (now === undefined) return;
    try {
      process.kill(Number(member.incarnation.split(' ')[0]), signal);
    } catch (error) {
      // It has ended since the look at the state, which is written a moment after.
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
    }
  }

  async scale(samplers: number): Promise<void> {
    this.#samplers = samplers;
    await this.#apply();
  }

  async unsettled(): Promise<string | undefined> {
    const { processes } = await this.#state();
    const { voters, metaRMs } = this.#options;
    const wanted: Record<Component, number> = { sampler: this.#samplers, 'meta-rm': metaRMs, voter: voters, nats: 1 };
    for (const component of components) {
      const ready = processes.filter(({ name, state }) => componentOf(name) === component && state === 'ready').length;
      if (ready !== wanted[component]) return `${ready} of ${wanted[component]} ${component} are ready`;
    }
    return undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await LocalGround.takeDown(this.#options.folder);
  }

  async #apply(): Promise<void> {
    const { folder, voters, metaRMs } = this.#options;
    const manifest = {
      apiVersion: 'grm.dev/v1alpha1',
      kind: 'GRMInferenceService',
      metadata: { name: service },
      spec: {
        model: { builtin: 'nano-judge' },
        sampling: { samples: 8, temperature: 0.5, maxTokens: 192, stopping: 'Exact' },
        vote: { metaRM: 'Weight' },
        sampler: { replicas: this.#samplers, engine: { embedded: { threads: 1 } } },
        metaRM: { model: { builtin: 'nano-meta-rm' }, replicas: metaRMs, engine: { embedded: { threads: 1 } } },
        voter: { replicas: voters },
        limits: { maxPending, maxResponses: 4 },
      },
    };
    await writeFile(join(folder, 'service.yaml'), stringify(manifest));
    const { code, errors } = await grmctl(folder, 'local', 'up', '-f', 'service.yaml', '--folder', 'grm', '--nats-port', '0', '--timeout', '90s');
    if (code !== 0) throw new Error(`grmctl local up exited with ${code}:\n${errors}`);
  }

  async #state(): Promise<z.output<typeof localState>> {
    return localState.parse(JSON.parse(await readFile(join(this.#options.folder, 'grm/local/state.json'), 'utf8')));
  }
}

function componentOf(name: string): Component | undefined {
  if (name === 'nats') return 'nats';
  return components.find((component) => name.startsWith(`${service}-${component}-`));
}
