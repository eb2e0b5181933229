import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Drawn, DrawRequest } from '@grm/judging';
import { packModel } from '@grm/language-model';
import type { PolicyReference, RolloutTask, RunAddress } from '@grm/protocol';
import { connectNats, type Log, type Metrics, natsErrorLog, type NatsServers, PolicyStore } from '@grm/service-kit';
import type { NatsConnection } from '@nats-io/transport-node';
import type { DrawingPolicy, DrawOptions, Rollouts } from '../rollouts.ts';
import { drawnOf } from './drawn-of.ts';
import { exposeRollouts } from './expose-rollouts.ts';
import { newRolloutCounts, type RolloutCounts } from './rollout-counts.ts';
import { RolloutQueue } from './rollout-queue.ts';
import { rolloutTaskOf } from './rollout-task-of.ts';
import { StalePolicyError } from './stale-policy-error.ts';

export interface QueuedRolloutsOptions extends RunAddress {
  /** A connection that stays open, or the servers to open one of its own to. */
  readonly nats: { readonly connection: NatsConnection } | NatsServers;
  readonly log: Log;
  /** Where queue depth, answers, redeliveries and stale judgements are counted for Prometheus. */
  readonly metrics?: Pick<Metrics, 'registry'>;
  /** Tasks out at once; default 64. At least twice as many as there are samplers, so that none waits for its next. */
  readonly inFlight?: number;
  /** How long tasks may wait while no sampler lives, ms; default two minutes: pods may still be starting. */
  readonly patienceMs?: number;
  /** How often tasks that wait are looked after, ms; default one second. */
  readonly lookEveryMs?: number;
  /** How long one task may take from when it is put into the queue, ms; default one hour. */
  readonly taskTimeoutMs?: number;
}

export interface QueuedRollouts extends Rollouts {
  readonly counts: Readonly<RolloutCounts>;
}

const defaults = { inFlight: 64, patienceMs: 120_000, lookEveryMs: 1_000, taskTimeoutMs: 3_600_000 } as const;

interface Current {
  readonly policy: PolicyReference;
  /** Aborts when another policy takes its place. */
  readonly replaced: AbortController;
}

/**
 * Opens rollouts that a run's samplers draw. One at a time for a run: its queue is emptied.
 * @throws RolloutQueueError when nobody has provisioned the run; what connecting throws
 */
export async function openQueuedRollouts(options: QueuedRolloutsOptions): Promise<QueuedRollouts> {
  const { namespace, run, nats, log, patienceMs = defaults.patienceMs, lookEveryMs = defaults.lookEveryMs } = options;
  const connection = 'connection' in nats ? nats.connection : await connectNats({ ...nats, name: `${namespace}/${run}/rollouts`, onError: natsErrorLog(log) });
  const close = async (): Promise<void> => ('connection' in nats ? undefined : await connection.close());
  const counts = newRolloutCounts();
  try {
    const queue = await RolloutQueue.open({ connection, address: { namespace, run }, log, counts, patienceMs, lookEveryMs });
    if (options.metrics !== undefined) exposeRollouts(options.metrics.registry, counts);
    return new SamplersRollouts(options, queue, counts, new PolicyStore(connection, { namespace, run }), close);
  } catch (error) {
    await close();
    throw error;
  }
}

class SamplersRollouts implements QueuedRollouts {
  readonly #options: QueuedRolloutsOptions;
  readonly #queue: RolloutQueue;
  readonly #policies: PolicyStore;
  readonly #close: () => Promise<void>;
  readonly counts: Readonly<RolloutCounts>;
  readonly #closed = new AbortController();
  #current: Current | undefined;

  constructor(options: QueuedRolloutsOptions, queue: RolloutQueue, counts: RolloutCounts, policies: PolicyStore, close: () => Promise<void>) {
    this.#options = options;
    this.#queue = queue;
    this.#policies = policies;
    this.#close = close;
    this.counts = counts;
  }

  /** Puts the policy's weights where samplers find them. Draws under way by another policy reject with a StalePolicyError. */
  async use(policy: DrawingPolicy): Promise<void> {
    const announced = await this.#announce(packModel(policy));
    const before = this.#current;
    if (before?.policy.revision === announced.revision) return;
    this.#current = { policy: announced, replaced: new AbortController() };
    before?.replaced.abort(new StalePolicyError(before.policy.revision, announced.revision, 'by this trainer'));
    this.#options.log.debug({ policy: announced.revision }, 'policy announced to the samplers');
  }

  /** @throws what `RolloutQueue.ask` throws; the signal's reason */
  async draw(requests: readonly DrawRequest[], { signal, drawn }: DrawOptions): Promise<readonly Drawn[]> {
    signal.throwIfAborted();
    const current = this.#current;
    if (current === undefined) throw new Error('no policy draws yet; call use() first');
    const requestId = randomUUID();
    const failed = new AbortController();
    const stop = AbortSignal.any([signal, current.replaced.signal, failed.signal]);
    const results: Drawn[] = [];
    const pending = requests.entries();
    let answered = 0;
    const lane = async (): Promise<void> => {
      for (const [index, request] of pending) {
        results[index] = await this.#drawOne(request, { requestId, taskId: `${requestId}-${index}`, policy: current.policy }, stop);
        drawn?.(++answered);
      }
    };
    const began = Date.now();
    try {
      await Promise.all(Array.from({ length: this.#options.inFlight ?? defaults.inFlight }, lane));
    } catch (error) {
      failed.abort(error);
      this.#queue.callBack(requestId);
      throw error;
    }
    this.#options.log.debug({ requests: requests.length, ms: Date.now() - began, ...this.counts }, 'drawn by samplers');
    return results;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort(new Error('the rollouts were closed'));
    await this.#queue[Symbol.asyncDispose]();
    await this.#close();
  }

  /** Tries again while the server is away. */
  async #announce(bytes: Uint8Array): Promise<PolicyReference> {
    const { log, patienceMs = defaults.patienceMs } = this.#options;
    const givesUpAt = Date.now() + patienceMs;
    for (let pause = 100; ; pause = Math.min(2 * pause, 5_000)) {
      try {
        return await this.#policies.announce(bytes);
      } catch (error) {
        if (Date.now() + pause > givesUpAt) throw error;
        log.warn({ err: error }, 'a policy cannot be announced to the samplers; trying again');
        await sleep(pause, undefined, { signal: this.#closed.signal });
      }
    }
  }

  async #drawOne(request: DrawRequest, envelope: Pick<RolloutTask, 'requestId' | 'taskId' | 'policy'>, stop: AbortSignal): Promise<Drawn> {
    const deadline = Date.now() + (this.#options.taskTimeoutMs ?? defaults.taskTimeoutMs);
    const task = rolloutTaskOf(request, { ...envelope, replyTo: this.#queue.replyTo, deadline });
    return drawnOf(await this.#queue.ask(task, stop), task);
  }
}
