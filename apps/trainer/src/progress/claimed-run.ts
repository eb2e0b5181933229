import { setTimeout as delay } from 'node:timers/promises';
import { runHeartbeat, RunProgress, runProgress } from '@grm/protocol';
import { ensureRunsBucket } from '@grm/service-kit';
import type { KV, KvEntry } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';

/** JetStream's codes of a write that another one was before. */
const wrongRevisionCodes: readonly unknown[] = [10_071, 10_164];

/** Somebody else writes the progress of this run. */
export class AnotherTrainerError extends Error {
  override readonly name = 'AnotherTrainerError';
  readonly trainer: string | undefined;

  constructor(key: string, trainer: string | undefined) {
    super(`another trainer${trainer === undefined ? '' : ` (${trainer})`} writes the progress of ${key}, so this one does not; end one of the two`);
    this.trainer = trainer;
  }
}

/** The value of one run in KV `grm-runs`, as long as no other trainer writes it. Calls come one after the other. */
export class ClaimedRun {
  readonly #connection: NatsConnection;
  readonly #key: string;
  readonly #trainer: string;
  #bucket: KV | undefined;
  /** Of the key's newest value; undefined before the first look. */
  #revision: number | undefined;

  /** @param options.trainer this process, as no other one is called */
  constructor(options: { readonly connection: NatsConnection; readonly namespace: string; readonly run: string; readonly trainer: string }) {
    this.#connection = options.connection;
    this.#trainer = options.trainer;
    this.#key = runProgress(options).key;
  }

  /**
   * Writes in the place of what this trainer wrote before.
   * @throws {AnotherTrainerError} and whatever a server that does not answer brings; the same call may then be tried again
   */
  async write(progress: RunProgress): Promise<void> {
    const text = JSON.stringify({ ...progress, trainer: this.#trainer } satisfies RunProgress);
    try {
      // The bucket too may have been deleted meanwhile.
      this.#bucket ??= await ensureRunsBucket(this.#connection);
      this.#revision ??= await this.#claim(this.#bucket);
      await this.#put(this.#bucket, text, this.#revision);
    } catch (error) {
      this.#bucket = undefined;
      throw error;
    }
  }

  async #put(bucket: KV, text: string, revision: number): Promise<void> {
    try {
      this.#revision = await bucket.put(this.#key, text, { previousSeq: revision });
    } catch (error) {
      if (!isWrongRevision(error)) throw error;
      const entry = await bucket.get(this.#key);
      const { trainer } = progressOf(entry) ?? {};
      // A write that was not answered may have arrived all the same; a value may have been deleted.
      if (entry?.operation === 'PUT' && trainer !== this.#trainer) throw new AnotherTrainerError(this.#key, trainer);
      this.#revision = await bucket.put(this.#key, text, { previousSeq: entry?.revision ?? 0 });
    }
  }

  /**
   * The revision to write after. Where another trainer said a moment ago that it works, it may have been killed since, or it may
   * live: its next sign of life is waited for.
   */
  async #claim(bucket: KV): Promise<number> {
    const found = await bucket.get(this.#key);
    const { phase, trainer, heartbeatSeconds = runHeartbeat.seconds } = progressOf(found) ?? {};
    const beatMs = 1000 * heartbeatSeconds;
    if (found === null || phase !== 'Running' || Date.now() - found.created.getTime() > runHeartbeat.missedWhenLost * beatMs) return found?.revision ?? 0;
    await delay(beatMs + 1_000);
    const later = await bucket.get(this.#key);
    if (later !== null && later.revision !== found.revision && later.operation === 'PUT') throw new AnotherTrainerError(this.#key, progressOf(later)?.trainer ?? trainer);
    return later?.revision ?? 0;
  }
}

function progressOf(entry: KvEntry | null): RunProgress | undefined {
  if (entry?.operation !== 'PUT') return undefined;
  try {
    return RunProgress.parse(entry.json());
  } catch {
    // Of another version of this project, or nobody's.
    return undefined;
  }
}

const isWrongRevision = (error: unknown): boolean => error instanceof Error && 'code' in error && wrongRevisionCodes.includes(error.code);
