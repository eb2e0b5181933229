import { modelsBucket } from '@grm/protocol';
import type { GRMTrainingRun } from '@grm/resources';
import { ensureObjectStore } from '@grm/service-kit';
import type { Site } from '@grm/workloads';
import type { NatsConnection } from '@nats-io/transport-node';
import { within } from '../background/within.ts';
import type { NatsLink } from '../nats/nats-link.ts';
import type { NatsUsers } from '../nats/users/nats-users.ts';
import { usersOfRun } from '../nats/users/users-of-run.ts';
import { defined } from '../objects/defined.ts';
import { parseRun } from './parse-run.ts';
import type { TrainingRunObject } from './training-run-object.ts';

/** Longest that a bucket may take to be made, ms. */
const BUCKET_MS = 5_000;

export interface RunNatsAccessOptions {
  readonly link: Pick<NatsLink, 'connection'>;
  /** Copies of buckets; absent: one of what is new. */
  readonly replicas?: number;
  readonly site: Pick<Site, 'artifactsBucket'>;
  readonly users: Pick<NatsUsers, 'ensure'>;
}

/** @returns what gives a run's pods their users of NATS, and the bucket that those write to; a run that goes, or is not understood, gets none */
export function runNatsAccess({ link, site, users, replicas }: RunNatsAccessOptions): (run: TrainingRunObject) => Promise<void> {
  // By connection: a server that was set up anew has lost its buckets.
  const made = new WeakMap<NatsConnection, Set<string>>();
  const ensureBucket = async (connection: NatsConnection, bucket: string): Promise<void> => {
    const known = made.get(connection) ?? new Set<string>();
    made.set(connection, known);
    if (known.has(bucket)) return;
    await within(BUCKET_MS, ensureObjectStore(connection, bucket, 'Checkpoints of training runs', replicas), `making the object store ${bucket}`);
    known.add(bucket);
  };
  return async (object) => {
    const parsed = parseRun(object);
    if (parsed.kind !== 'valid' || object.metadata.deletionTimestamp !== undefined) return;
    const { run } = parsed;
    const { to } = run.spec.checkpoint;
    const { connection } = link;
    // A trainer with a user of its own may write to its bucket, not make it. While NATS is away there is no trainer either.
    if (to !== undefined && 'objectStore' in to && connection !== undefined) await ensureBucket(connection, to.objectStore.bucket);
    await users.ensure(object, run, usersOfRun(run, { models: modelsOf(run), ...defined({ artifactsBucket: site.artifactsBucket }) }));
  };
}

/** What the run reads from object stores to begin with. */
function modelsOf({ spec: { base } }: GRMTrainingRun): string[] {
  if (base === undefined) return [];
  if ('objectStore' in base) return [`nats://${base.objectStore.bucket}/${base.objectStore.key}`];
  // Another run's policy lies where runs publish theirs.
  return 'trainingRun' in base ? [`nats://${modelsBucket}/-`] : [];
}
