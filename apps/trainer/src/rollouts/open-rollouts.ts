import { openEmbeddedEngine } from '@grm/engine';
import type { GRMTrainingRun } from '@grm/resources';
import type { Log, NatsServers } from '@grm/service-kit';
import { LocalRollouts } from './local-rollouts.ts';
import { openQueuedRollouts } from './queued/queued-rollouts.ts';
import type { Rollouts } from './rollouts.ts';

export interface RolloutsOptions {
  /** Absent where the trainer works without. */
  readonly nats: NatsServers | undefined;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Whoever draws for a run: its samplers where it asks for some, else the trainer itself, with as many workers as its threads allow. */
export async function openRollouts({ metadata, spec }: Pick<GRMTrainingRun, 'metadata' | 'spec'>, { nats, log, signal }: RolloutsOptions): Promise<Rollouts> {
  const { engine, rollouts } = spec;
  if (rollouts.replicas > 0) {
    if (nats === undefined) throw new RangeError(`rollouts.replicas is ${rollouts.replicas}, and samplers are reached over NATS: leave out --standalone, or set rollouts.replicas to 0`);
    return await openQueuedRollouts({ namespace: metadata.namespace, run: metadata.name, nats, log, inFlight: Math.max(64, 2 * rollouts.replicas) });
  }
  const workers = Math.max(1, Math.floor(engine.embedded.threads / rollouts.threads));
  return new LocalRollouts({ openEngine: openEmbeddedEngine, workers, threads: rollouts.threads, signal });
}
