import { createHash } from 'node:crypto';
import { type PolicyReference, PolicyRevision, rolloutSubjects, type RunAddress } from '@grm/protocol';
import type { ObjectStore } from '@nats-io/obj';
import type { NatsConnection } from '@nats-io/transport-node';
import { PolicyUnavailableError } from './policy-unavailable-error.ts';
import { chunkBytes, objectStores } from './object-store.ts';
import { readObject } from './read-object.ts';

/**
 * The weights that a training run's samplers draw with, in the run's object store. The trainer announces a policy before it publishes tasks that
 * name it, so a task that names another than the newest is stale.
 */
export class PolicyStore {
  readonly #connection: NatsConnection;
  readonly #names: { readonly bucket: string; readonly newest: string };
  /** Names of the objects that this process has put. */
  readonly #put = new Set<string>();
  #store: Promise<ObjectStore> | undefined;

  constructor(connection: NatsConnection, address: RunAddress) {
    this.#connection = connection;
    this.#names = rolloutSubjects(address).policies;
  }

  /** Puts weights there, makes them the newest, and removes all but these and those that were the newest before. */
  async announce(bytes: Uint8Array): Promise<PolicyReference> {
    const store = await this.#open();
    const name = createHash('sha256').update(bytes).digest('hex');
    const before = await this.newest();
    // What another process has put may have been damaged since, by a power loss.
    if (!this.#put.has(name) || (await existing(store, name)) === undefined) await store.putBlob({ name, options: { max_chunk_size: chunkBytes } }, bytes);
    this.#put.add(name);
    const revision = `sha256:${name}`;
    if (revision !== before) await store.putBlob({ name: this.#names.newest, metadata: { revision } }, null);
    await this.#removeAllBut(store, [name, nameOf(before), this.#names.newest]);
    return { revision, bucket: this.#names.bucket, name };
  }

  /** Revision of the policy announced last; undefined before the first. Answered by the stream's leader, so never by one that lags behind. */
  async newest(): Promise<string | undefined> {
    const info = await existing(await this.#open(), this.#names.newest);
    const revision = PolicyRevision.safeParse(info?.metadata?.['revision']);
    return revision.success ? revision.data : undefined;
  }

  /** @throws PolicyUnavailableError; the signal's reason */
  async fetch(policy: PolicyReference, signal: AbortSignal): Promise<Uint8Array> {
    signal.throwIfAborted();
    if (policy.bucket !== this.#names.bucket) throw new PolicyUnavailableError(policy, `this run's object store is ${this.#names.bucket}`);
    const bytes = await this.#read(policy, signal);
    const digest = createHash('sha256').update(bytes).digest('hex');
    if (policy.revision !== `sha256:${digest}`) throw new PolicyUnavailableError(policy, `what lies there has the digest ${digest}`);
    return bytes;
  }

  async #read(policy: PolicyReference, signal: AbortSignal): Promise<Uint8Array> {
    try {
      const store = await this.#open();
      const object = await store.get(policy.name);
      if (object === null) throw new PolicyUnavailableError(policy, 'is not there (any more)');
      return await readObject(object, signal);
    } catch (cause) {
      signal.throwIfAborted();
      if (cause instanceof PolicyUnavailableError) throw cause;
      throw new PolicyUnavailableError(policy, `cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    }
  }

  /** Opened when it is first needed, and looked for again after a failure. */
  #open(): Promise<ObjectStore> {
    this.#store ??= objectStores(this.#connection).open(this.#names.bucket).catch((cause: unknown) => {
      this.#store = undefined;
      throw new Error(`The object store ${this.#names.bucket} cannot be opened; whoever provisions the run makes it (ensureRolloutTopology)`, { cause });
    });
    return this.#store;
  }

  async #removeAllBut(store: ObjectStore, kept: readonly (string | undefined)[]): Promise<void> {
    for (const { name, deleted } of await store.list()) if (!deleted && !kept.includes(name)) await store.delete(name);
  }
}

async function existing(store: ObjectStore, name: string) {
  const info = await store.info(name);
  return info === null || info.deleted ? undefined : info;
}

function nameOf(revision: string | undefined): string | undefined {
  return revision?.slice('sha256:'.length);
}
