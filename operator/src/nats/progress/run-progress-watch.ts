import { type RunAddress, runProgress } from '@grm/protocol';
import { ensureRunsBucket, type Log } from '@grm/service-kit';
import type { KvWatchEntry } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';
import { pause } from '../../background/pause.ts';
import { within } from '../../background/within.ts';
import type { NatsLink } from '../nats-link.ts';
import { NATS_GRACE_SECONDS, type ProgressFact } from './progress-fact.ts';
import { ProgressStore } from './progress-store.ts';

export interface RunProgressWatchOptions {
  /** Copies of the bucket; absent: one where it is new. */
  readonly replicas?: number;
  readonly link: Pick<NatsLink, 'connection'>;
  readonly namespaces: readonly string[] | 'all';
  readonly log: Log;
  readonly now: () => Date;
  /** A run's trainer has said something that matters. */
  readonly changed: (run: RunAddress) => void;
  /** NATS has been away for `NATS_GRACE_SECONDS`, or is back after that: every run may have to say so. */
  readonly availabilityChanged: () => void;
  /** Runs whose progress is kept. */
  readonly maxRuns?: number;
  /** Pause before the next try, ms. */
  readonly retryMs?: number;
}

/** For one answer of the server, ms. */
const ANSWER_MS = 10_000;
/** Values that are there already come at once; when none has come for so long, there are none, ms. */
const SETTLED_MS = 1_000;
/** How often it is looked whether the connection is up, ms. The client itself mends what was down for less. */
const LOOK_MS = 250;

/** Follows what trainers say in KV `grm-runs`, for as long as its process lives, whether NATS is there or not. */
export class RunProgressWatch {
  readonly #options: RunProgressWatchOptions;
  readonly #store: ProgressStore;
  /** Whether everybody was told that NATS is away. */
  #announced = false;

  constructor(options: RunProgressWatchOptions) {
    this.#options = options;
    this.#store = new ProgressStore({ maxRuns: options.maxRuns ?? 20_000, now: options.now() });
  }

  fact(run: RunAddress): ProgressFact {
    return this.#store.fact(run);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { link, log, retryMs = 1_000 } = this.#options;
    let awayFor = 0;
    while (!signal.aborted) {
      const { connection } = link;
      if (connection !== undefined) {
        awayFor = 0;
        try {
          await this.#follow(connection, signal);
        } catch (error) {
          log.warn({ err: error }, 'the progress of runs cannot be read; trying again');
        }
        this.#store.disconnected(this.#options.now());
      }
      awayFor += retryMs;
      if (awayFor >= NATS_GRACE_SECONDS * 1000) this.#announce(true);
      await pause(retryMs, signal);
    }
  }

  /** Until the connection is lost: the next one begins with the newest values again, so that nothing is missed. */
  async #follow(connection: NatsConnection, signal: AbortSignal): Promise<void> {
    const { namespaces } = this.#options;
    const bucket = await within(ANSWER_MS, ensureRunsBucket(connection, this.#options.replicas), 'opening the bucket of the runs');
    const key = namespaces === 'all' ? '>' : namespaces.map((namespace) => runProgress({ namespace, run: 'any' }).key.replace(/any$/, '*'));
    const values = await within(ANSWER_MS, bucket.watch({ key }), 'watching the bucket of the runs');
    const stop = (): void => values.stop();
    signal.addEventListener('abort', stop, { once: true });
    let settled = setTimeout(() => this.#settled(), SETTLED_MS);
    const looking = setInterval(() => {
      if (this.#options.link.connection !== connection) stop();
    }, LOOK_MS);
    try {
      for await (const entry of values) {
        this.#accept(entry);
        clearTimeout(settled);
        if (entry.isUpdate || entry.delta === 0) this.#settled();
        else settled = setTimeout(() => this.#settled(), SETTLED_MS);
      }
    } finally {
      clearTimeout(settled);
      clearInterval(looking);
      signal.removeEventListener('abort', stop);
      values.stop();
    }
  }

  #settled(): void {
    this.#store.connected(this.#options.now());
    this.#announce(false);
  }

  #announce(away: boolean): void {
    if (this.#announced === away) return;
    this.#announced = away;
    this.#options.availabilityChanged();
  }

  #accept(entry: KvWatchEntry): void {
    const [namespace, run, ...rest] = entry.key.split('.');
    if (namespace === undefined || run === undefined || rest.length > 0) return;
    const now = this.#options.now();
    const tell = this.#store.accept(
      {
        run: { namespace, run },
        text: entry.operation === 'PUT' ? entry.string() : undefined,
        // What was written before this watch is as old as the server says.
        heardAt: entry.isUpdate ? now : entry.created,
      },
      now,
    );
    if (tell) this.#options.changed({ namespace, run });
  }
}
