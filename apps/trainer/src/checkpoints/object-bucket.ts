import { jetstream, type JetStreamManager } from '@nats-io/jetstream';
import { Objm, setSha256Backend, type ObjectInfo, type ObjectStore } from '@nats-io/obj';
import { deadline, type NatsConnection } from '@nats-io/transport-node';

/** Bytes in one message; less where the server takes less. */
const chunkBytes = 2 ** 19;

export interface ObjectBucketOptions {
  readonly connection: NatsConnection;
  readonly bucket: string;
  /** For one answer of the servers, ms. */
  readonly timeoutMs: number;
}

/**
 * A bucket of NATS' object store (NATS ADR-20): an object is its chunks, messages on `$O.<bucket>.C.<id>`, and then its
 * entry, one message on `$O.<bucket>.M.<name, base64url>` that names the id. Rejects with what the client throws; a server
 * that does not answer is given up after the time of one answer.
 */
export class ObjectBucket {
  readonly #options: ObjectBucketOptions;
  readonly #store: ObjectStore;
  readonly #streams: JetStreamManager['streams'];

  private constructor(options: ObjectBucketOptions, store: ObjectStore, streams: JetStreamManager['streams']) {
    this.#options = options;
    this.#store = store;
    this.#streams = streams;
  }

  /** Makes the bucket where there is none; one that is there is taken as it is. */
  static async open(options: ObjectBucketOptions): Promise<ObjectBucket> {
    const { connection, bucket, timeoutMs } = options;
    // The client's own is JavaScript, at a tenth of the speed; the choice is the process's.
    setSha256Backend('native');
    const client = jetstream(connection, { timeout: timeoutMs, checkAPI: false });
    const store = await new Objm(client).create(bucket, { description: 'Checkpoints of training runs, <namespace>.<run>/<checkpoint>' });
    return new ObjectBucket(options, store, (await client.jetstreamManager()).streams);
  }

  /** Names of the objects that begin so. */
  async names(prefix: string): Promise<string[]> {
    const named = (await this.#allNames()).filter((name) => name.startsWith(prefix));
    const infos = await Promise.all(named.map((name) => this.#info(name)));
    return infos.flatMap((info) => (info === undefined ? [] : [info.name]));
  }

  /** @throws {Error} the object is not there whole afterwards */
  async put(name: string, content: Uint8Array): Promise<void> {
    let sent = 0;
    const chunks = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (sent === content.length) return controller.close();
        controller.enqueue(content.subarray(sent, Math.min(sent + chunkBytes, content.length)));
        sent = Math.min(sent + chunkBytes, content.length);
      },
    });
    await this.#store.put({ name, options: { max_chunk_size: chunkBytes } }, chunks, { timeout: this.#options.timeoutMs });
    const info = await this.#info(name);
    if (info === undefined || info.size !== content.length || !(await this.#isWhole(info))) throw new Error(`${name} is not there whole after it was put`);
  }

  /** Undefined where there is no such object, or not all of it, or not as it was put. */
  async get(name: string): Promise<Uint8Array | undefined> {
    const info = await this.#info(name);
    if (info === undefined || !(await this.#isWhole(info))) return undefined;
    const object = await this.#store.get(name);
    if (object === null) return undefined;
    // The stream ends in the same error; nobody else would look at this one.
    object.error.catch(() => undefined);
    const content = new Uint8Array(object.info.size);
    const reader = object.data.getReader();
    let filled = 0;
    try {
      for (;;) {
        const { done, value } = await deadline(reader.read(), this.#options.timeoutMs);
        if (done) return filled === content.length ? content : undefined;
        if (filled + value.length > content.length) return undefined;
        content.set(value, filled);
        filled += value.length;
      }
    } catch (error) {
      // The client's own check of the object's SHA-256 has no error class.
      if (error instanceof Error && error.message.includes('corrupt object')) return undefined;
      throw error;
    } finally {
      await reader.cancel().catch(() => undefined);
    }
  }

  /** Takes up no room, as a deleted object's entry would: it works in a full bucket, too. */
  async remove(name: string): Promise<void> {
    const info = await this.#info(name);
    // The entry first: without its chunks it would be a damaged object.
    await this.#purge(this.#entrySubject(name));
    if (info !== undefined) await this.#purge(this.#chunkSubject(info.nuid));
  }

  /** Takes away chunks that no object names and that nothing has been added to for a while: those of writers that were killed. */
  async removeLeftovers(olderThanMs: number): Promise<void> {
    const chunks = await this.#subjects(this.#chunkSubject('>'));
    const infos = await Promise.all((await this.#allNames()).map((name) => this.#info(name)));
    const named = new Set(infos.map((info) => (info === undefined ? undefined : this.#chunkSubject(info.nuid))));
    for (const subject of Object.keys(chunks).filter((candidate) => !named.has(candidate))) {
      const last = await this.#streams.getMessage(this.#stream, { last_by_subj: subject });
      if (last !== null && Date.now() - last.time.getTime() >= olderThanMs) await this.#purge(subject);
    }
  }

  get #stream(): string {
    return `OBJ_${this.#options.bucket}`;
  }

  #chunkSubject(id: string): string {
    return `$O.${this.#options.bucket}.C.${id}`;
  }

  /** The client pads its base64url. */
  #entrySubject(name: string): string {
    const encoded = Buffer.from(name).toString('base64url');
    return `$O.${this.#options.bucket}.M.${encoded.padEnd(Math.ceil(encoded.length / 4) * 4, '=')}`;
  }

  /** Names of all entries, those of deleted objects among them. */
  async #allNames(): Promise<string[]> {
    const prefix = `$O.${this.#options.bucket}.M.`;
    return Object.keys(await this.#subjects(`${prefix}>`)).map((subject) => Buffer.from(subject.slice(prefix.length), 'base64url').toString());
  }

  /** Messages by subject. */
  async #subjects(filter: string): Promise<Readonly<Record<string, number>>> {
    return (await this.#streams.info(this.#stream, { subjects_filter: filter })).state.subjects ?? {};
  }

  async #info(name: string): Promise<ObjectInfo | undefined> {
    const info = await this.#store.info(name);
    return info === null || info.deleted ? undefined : info;
  }

  async #isWhole({ nuid, chunks }: ObjectInfo): Promise<boolean> {
    const subject = this.#chunkSubject(nuid);
    return ((await this.#subjects(subject))[subject] ?? 0) === chunks;
  }

  async #purge(filter: string): Promise<void> {
    await this.#streams.purge(this.#stream, { filter });
  }
}
