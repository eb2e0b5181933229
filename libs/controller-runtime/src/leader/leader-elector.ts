import type { Logger } from 'pino';
import type { ApiClient } from '../api/api-client.ts';
import { isAlreadyExists, isConflict, isNotFound } from '../api/api-error.ts';
import type { RuntimeMetrics } from '../metrics/runtime-metrics.ts';
import type { Clock } from '../time/clock.ts';
import { type Lease, leases } from './lease.ts';

export interface LeaderElectionOptions {
  readonly namespace: string;
  /** Name of the Lease. */
  readonly name: string;
  /** What tells this process from its rivals. */
  readonly identity: string;
  /** How long a leader that says nothing is waited for. Default 15 s. */
  readonly leaseSeconds?: number;
  /** A leader that could not renew for so long stops: less than the lease, so that it has stopped before another starts. Default two thirds of the lease. */
  readonly renewSeconds?: number;
  /** Pause between two tries. Default 2 s. */
  readonly retrySeconds?: number;
}

export interface LeaderElectorContext {
  readonly client: Pick<ApiClient, 'get' | 'create' | 'replace'>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly metrics?: RuntimeMetrics;
}

interface Timing {
  readonly leaseMs: number;
  readonly renewMs: number;
  readonly retryMs: number;
}

/** Leadership was lost: whoever led has stopped, and the process had better end. */
export class LeadershipLostError extends Error {
  constructor(name: string, why: string) {
    super(`no longer the leader of ${name}: ${why}`);
    this.name = 'LeadershipLostError';
  }
}

/**
 * Leads by holding a Lease, as client-go's leaderelection does. How old another's lease is goes by this process's own clock from when it saw the lease change,
 * so clocks need not agree. The leader's work is stopped when it has not renewed for `renewSeconds`, also when it finds so after its event loop stood still.
 */
export class LeaderElector {
  readonly #options: LeaderElectionOptions;
  readonly #context: LeaderElectorContext;
  readonly #timing: Timing;
  #seen: { readonly version: string; readonly at: number; readonly holder: string } | undefined;
  #lease: Lease | undefined;

  constructor(options: LeaderElectionOptions, context: LeaderElectorContext) {
    const leaseSeconds = options.leaseSeconds ?? 15;
    const renewSeconds = options.renewSeconds ?? (leaseSeconds * 2) / 3;
    const retrySeconds = options.retrySeconds ?? Math.min(2, renewSeconds / 5);
    if (!(retrySeconds < renewSeconds && renewSeconds < leaseSeconds)) {
      throw new RangeError(`leader election needs retrySeconds < renewSeconds < leaseSeconds, not ${retrySeconds}, ${renewSeconds}, ${leaseSeconds}`);
    }
    this.#options = options;
    this.#context = context;
    this.#timing = { leaseMs: leaseSeconds * 1000, renewMs: renewSeconds * 1000, retryMs: retrySeconds * 1000 };
    context.metrics?.leader.set({ name: options.name }, 0);
  }

  /**
   * Waits to lead, then calls `lead` once with a signal that aborts when leadership ends; on the outer signal the lease is released.
   * @throws LeadershipLostError when it was lost; whatever `lead` throws
   */
  async run(signal: AbortSignal, lead: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { name, identity } = this.#options;
    const { clock, log, metrics } = this.#context;
    let askedAt = await this.#acquire(signal);
    while (!signal.aborted && askedAt === undefined) {
      await clock.sleep(this.#timing.retryMs * (1 + this.#context.random() * 0.2), signal);
      if (!signal.aborted) askedAt = await this.#acquire(signal);
    }
    if (askedAt === undefined) return;
    if (signal.aborted) return this.#release();
    log.info({ lease: name, identity }, 'leading');
    metrics?.leader.set({ name }, 1);
    const lost = new AbortController();
    const leading = AbortSignal.any([signal, lost.signal]);
    const finished = new AbortController();
    let why: string | undefined;
    // Work that is told to stop may take a while to end, and until it has nobody else may start: the lease is renewed until then.
    const renewal = this.#renew(askedAt, finished.signal, (reason) => {
      why = reason;
      metrics?.leader.set({ name }, 0);
      lost.abort(new LeadershipLostError(name, reason));
    });
    try {
      await lead(leading);
    } finally {
      finished.abort();
      await renewal;
      metrics?.leader.set({ name }, 0);
      if (why === undefined) await this.#release();
    }
    if (why !== undefined) throw new LeadershipLostError(name, why);
  }

  /** @returns when the lease that this process holds now was asked for; absent without it, and when the answer took so long that the lease may be over */
  async #acquire(signal: AbortSignal): Promise<number | undefined> {
    const { clock } = this.#context;
    const askedAt = clock.monotonic();
    return (await this.#try(signal)) && clock.monotonic() - askedAt < this.#timing.renewMs ? askedAt : undefined;
  }

  /** Renews until told to stop; says why when it could not in time. */
  async #renew(acquiredAt: number, signal: AbortSignal, onLost: (why: string) => void): Promise<void> {
    const { clock } = this.#context;
    const { renewMs, retryMs } = this.#timing;
    let renewedAt = acquiredAt;
    // A timer of its own, since a renewal may hang: it fires when the deadline is over, whatever else goes on.
    let lost = false;
    const lose = (why: string) => {
      if (lost || signal.aborted) return;
      lost = true;
      onLost(why);
    };
    const loseUnlessRenewed = (): AbortController => {
      const renewed = new AbortController();
      void clock.sleep(Math.max(0, renewedAt + renewMs - clock.monotonic()), renewed.signal).then(() => {
        if (!renewed.signal.aborted) lose('it was not renewed in time');
      });
      return renewed;
    };
    let watchdog = loseUnlessRenewed();
    while (!signal.aborted && !lost) {
      await clock.sleep(retryMs, signal);
      if (signal.aborted || lost) break;
      if (clock.monotonic() - renewedAt > renewMs) {
        lose('the process stood still for too long');
        break;
      }
      const askedAt = clock.monotonic();
      const held = await this.#try(AbortSignal.any([signal, AbortSignal.timeout(Math.max(1, Math.ceil(renewMs - (askedAt - renewedAt))))]));
      if (held) {
        // The lease runs from when it was asked for, not from the answer.
        renewedAt = askedAt;
        watchdog.abort();
        watchdog = loseUnlessRenewed();
      } else if (this.#seen !== undefined && this.#seen.holder !== this.#options.identity && this.#seen.holder !== '') {
        lose(`${this.#seen.holder} holds it`);
      }
    }
    watchdog.abort();
  }

  /** Takes or renews the lease. @returns whether this process holds it */
  async #try(signal: AbortSignal): Promise<boolean> {
    const { namespace, name, identity } = this.#options;
    const { client, log } = this.#context;
    try {
      if (this.#lease?.spec.holderIdentity === identity) {
        // Most renewals need no look: a conflict says that somebody else wrote.
        this.#remember(await client.replace(leases, this.#renewed(this.#lease), { signal }));
        return true;
      }
      const lease = await client.get(leases, { namespace, name }, { signal });
      this.#remember(lease);
      if (!this.#mayTake(lease)) return false;
      this.#remember(await client.replace(leases, this.#renewed(lease), { signal }));
      return true;
    } catch (error) {
      if (isNotFound(error)) return this.#create(signal);
      if (isConflict(error)) this.#lease = undefined;
      else if (!signal.aborted) log.warn({ err: error, lease: name }, 'the lease was neither taken nor renewed');
      return false;
    }
  }

  async #create(signal: AbortSignal): Promise<boolean> {
    const { namespace, name, identity } = this.#options;
    const { client, log } = this.#context;
    const now = microTime(this.#context.clock.now());
    const spec = { holderIdentity: identity, leaseDurationSeconds: Math.ceil(this.#timing.leaseMs / 1000), acquireTime: now, renewTime: now, leaseTransitions: 0 };
    try {
      this.#remember(await client.create(leases, { apiVersion: leases.apiVersion, kind: leases.kind, metadata: { namespace, name }, spec }, { signal }));
      return true;
    } catch (error) {
      if (!isAlreadyExists(error) && !signal.aborted) log.warn({ err: error, lease: name }, 'the lease was not made');
      return false;
    }
  }

  #mayTake({ spec }: Lease): boolean {
    const holder = spec.holderIdentity ?? '';
    if (holder === '' || holder === this.#options.identity) return true;
    const seenFor = this.#context.clock.monotonic() - (this.#seen?.at ?? Number.POSITIVE_INFINITY);
    return seenFor > Math.max(this.#timing.leaseMs, (spec.leaseDurationSeconds ?? 0) * 1000);
  }

  #renewed(lease: Lease): Lease {
    const now = microTime(this.#context.clock.now());
    const own = lease.spec.holderIdentity === this.#options.identity;
    return {
      ...lease,
      spec: {
        ...lease.spec,
        holderIdentity: this.#options.identity,
        leaseDurationSeconds: Math.ceil(this.#timing.leaseMs / 1000),
        renewTime: now,
        ...(own ? {} : { acquireTime: now, leaseTransitions: (lease.spec.leaseTransitions ?? 0) + 1 }),
      },
    };
  }

  #remember(lease: Lease): void {
    this.#lease = lease;
    const version = lease.metadata.resourceVersion ?? '';
    if (this.#seen?.version !== version) this.#seen = { version, at: this.#context.clock.monotonic(), holder: lease.spec.holderIdentity ?? '' };
  }

  /** Lets the next leader start at once. */
  async #release(): Promise<void> {
    const { client, clock } = this.#context;
    const { namespace, name } = this.#options;
    const release = async (lease: Lease | undefined): Promise<void> => {
      if (lease?.spec.holderIdentity !== this.#options.identity) return;
      const spec = { ...lease.spec, holderIdentity: '', leaseDurationSeconds: 1, renewTime: microTime(clock.now()) };
      await client.replace(leases, { ...lease, spec }, { timeoutMs: 5_000 });
    };
    try {
      await release(this.#lease).catch(async (error: unknown) => {
        // A renewal that was given up half-way may have been written.
        if (!isConflict(error)) throw error;
        await release(await client.get(leases, { namespace, name }, { timeoutMs: 5_000 }));
      });
    } catch (error) {
      this.#context.log.warn({ err: error, lease: this.#options.name }, 'the lease was not released; the next leader waits for its end');
    }
  }
}

const microTime = (ms: number): string => new Date(ms).toISOString().replace('Z', '000Z');
