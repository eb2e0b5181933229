import { runProgress, RunProgress } from '@grm/protocol';
import { type KV, type KvEntry, Kvm } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';
import { CommandError } from '../command-error.ts';
import type { NatsTarget } from '../service/nats-target.ts';
import { openConnection } from '../service/open-connection.ts';
import type { RunTarget } from './run-target.ts';

/** JetStream's code of a stream that is not there. */
const STREAM_NOT_FOUND = 10_059;

export interface RunValue {
  readonly progress: RunProgress;
  /** How long ago it was written, ms; by the clocks of the server and this machine. */
  readonly ageMs: number;
}

/** The progress of runs as their trainers write it to a NATS server. */
export class RunsBucket implements AsyncDisposable {
  readonly connection: NatsConnection;
  readonly kv: KV;
  readonly #server: string;
  #connected = true;

  private constructor(connection: NatsConnection, kv: KV, server: string) {
    this.connection = connection;
    this.kv = kv;
    this.#server = server;
    void this.#followConnection();
  }

  /** Whether the connection is up just now; it is opened again for as long as this is. */
  get connected(): boolean {
    return this.#connected;
  }

  /** @throws {CommandError} as `openConnection` does. */
  static async open(target: NatsTarget): Promise<RunsBucket> {
    const connection = await openConnection(target);
    const { server } = target;
    try {
      return new RunsBucket(connection, await new Kvm(connection).open(bucketName), server);
    } catch (error) {
      await connection.close();
      throw new CommandError('unreachable', `the progress of runs cannot be read at ${server}: ${reasonOf(error)}`, { cause: error });
    }
  }

  /** @throws {CommandError} `unreachable` when there is no such run, naming those that there are; `failure` when its value cannot be read. */
  async read({ namespace, run }: Pick<RunTarget, 'namespace' | 'run'>): Promise<RunValue> {
    let entry: KvEntry | null;
    try {
      entry = await this.kv.get(runProgress({ namespace, run }).key);
    } catch (error) {
      throw this.#unreadable(error);
    }
    if (entry?.operation !== 'PUT') throw new CommandError('unreachable', await this.#noSuchRun(namespace, run));
    return { progress: parseProgress(entry, run), ageMs: Date.now() - entry.created.getTime() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.connection.close();
  }

  /** Ends with the connection. */
  async #followConnection(): Promise<void> {
    for await (const { type } of this.connection.status()) {
      if (type === 'disconnect') this.#connected = false;
      if (type === 'reconnect') this.#connected = true;
    }
  }

  #unreadable(error: unknown): CommandError {
    const missing = error instanceof Error && 'code' in error && error.code === STREAM_NOT_FOUND;
    const message = missing
      ? `no run has been reported at ${this.#server} (there is no bucket ${bucketName}); a trainer makes it when it starts with GRM_NATS_URL=${this.#server}`
      : `the progress of runs cannot be read at ${this.#server}: ${reasonOf(error)}`;
    return new CommandError('unreachable', message, { cause: error });
  }

  async #noSuchRun(namespace: string, run: string): Promise<string> {
    const keys: string[] = [];
    for await (const key of await this.kv.keys()) keys.push(key);
    const here = keys.filter((key) => key.startsWith(`${namespace}.`)).map((key) => key.slice(namespace.length + 1));
    const elsewhere = keys.filter((key) => !key.startsWith(`${namespace}.`)).map((key) => key.replace('.', '/'));
    const known = [
      here.length === 0 ? '' : `; there are ${here.toSorted().join(', ')}`,
      elsewhere.length === 0 ? '' : `; in other namespaces (--namespace): ${elsewhere.toSorted().join(', ')}`,
    ].join('');
    return `there is no run ${run} in namespace ${namespace} at ${this.#server}${known === '' ? '; no run has been reported there' : known}`;
  }
}

const { bucket: bucketName } = runProgress({ namespace: 'any', run: 'any' });

/** @throws {CommandError} `failure`: the value is no progress that this version knows. */
export function parseProgress(entry: KvEntry, run: string): RunProgress {
  try {
    return RunProgress.parse(entry.json());
  } catch (error) {
    throw new CommandError('failure', `the progress of run ${run} cannot be read; its trainer may be of another version than this grmctl`, { cause: error });
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
