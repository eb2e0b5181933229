import { ErrorBody, GrmError, headerNames, parsePayload, type RunAddress, RunProgress, runProgress, runSubjects, type Suspension } from '@grm/protocol';
import { ensureRolloutTopology, ensureRunsBucket, removeObjects, removeRolloutTopology } from '@grm/service-kit';
import { errors, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { within } from '../background/within.ts';
import type { NatsLink } from './nats-link.ts';
import { NatsUnavailableError } from './nats-unavailable-error.ts';
import type { ProgressFact } from './progress/progress-fact.ts';
import type { RunNats, SuspendAnswer } from './run-nats.ts';

export interface NatsOfRunsOptions {
  readonly link: Pick<NatsLink, 'connection'>;
  readonly progress: { fact(run: RunAddress): ProgressFact };
  /** Copies of what is made; absent: one of what is new. */
  readonly replicas?: number;
  /** For anything but a trainer's answer, ms. */
  readonly timeoutMs?: number;
}

/** The trainer answers when its time is up; this much later it is not waited for any more, ms. */
const GRACE_MS = 2_000;

/** `RunNats` over the operator's connection. */
export function natsOfRuns({ link, progress, replicas, timeoutMs = 10_000 }: NatsOfRunsOptions): RunNats {
  const bounded = async (what: string, work: (connection: NatsConnection) => Promise<unknown>): Promise<void> => {
    await within(timeoutMs, work(connected(link, what)), what);
  };
  return {
    progress: (run) => progress.fact(run),
    requestSuspend: async (run, waitMs, signal) => requestSuspend(connected(link, 'asking the trainer to suspend'), run, waitMs, signal),
    ensureRolloutTopology: (run) => bounded("making the queue of the run's samplers", (connection) => ensureRolloutTopology(connection, run, replicas)),
    removeRolloutTopology: (run) => bounded("removing the queue of the run's samplers", (connection) => removeRolloutTopology(connection, run)),
    removeProgress: (run) =>
      bounded('removing the progress of the run', async (connection) => (await ensureRunsBucket(connection)).purge(runProgress(run).key)),
    removeCheckpoints: (run, bucket) =>
      bounded('removing the checkpoints of the run', (connection) => removeObjects(connection, { bucket, prefix: `${runProgress(run).key}/` })),
  };
}

function connected({ connection }: Pick<NatsLink, 'connection'>, what: string): NatsConnection {
  if (connection === undefined) throw new NatsUnavailableError(what);
  return connection;
}

async function requestSuspend(connection: NatsConnection, run: RunAddress, waitMs: number, signal: AbortSignal): Promise<SuspendAnswer> {
  signal.throwIfAborted();
  try {
    const payload = JSON.stringify({ waitMs } satisfies Suspension);
    return answerOf(await connection.request(runSubjects(run).suspend, payload, { timeout: waitMs + GRACE_MS }));
  } catch (error) {
    if (error instanceof errors.RequestError && error.isNoResponders()) return { kind: 'nobody' };
    if (error instanceof errors.TimeoutError) return { kind: 'late' };
    throw error;
  }
}

/** @throws GrmError what the trainer answered in place of its progress, but that it needs longer. */
function answerOf({ data, headers }: Msg): SuspendAnswer {
  if (headers?.has(headerNames.serviceErrorCode) !== true) return { kind: 'suspended', progress: parsePayload(RunProgress, data, 'RunProgress') };
  const error = GrmError.fromBody(parsePayload(ErrorBody, data, 'ErrorBody'));
  if (error.code === 'deadline-exceeded') return { kind: 'late' };
  throw error;
}
