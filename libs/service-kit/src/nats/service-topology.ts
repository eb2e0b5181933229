import { GateReport, type ServiceAddress, subjects, WorkerPresence } from '@grm/protocol';
import { JetStreamApiError, type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { errors, type NatsConnection } from '@nats-io/transport-node';
import { openGatesBucket } from './gates-bucket.ts';

/** Workers answer at once; whoever has not after this pause between two answers does not live, ms. */
const stallMs = 100;
const streamNotFound = 10_059;
const consumerNotFound = 10_014;

/** Tasks that wait or are being worked on. */
export interface Backlog {
  readonly sampler: number;
  readonly metaRM: number;
}

/**
 * What of one revision (or of a service without revisions) is still to be done: `num_pending + num_ack_pending`, as the consumers' leaders have it.
 * @throws JetStreamApiError where a queue is not there, and whatever kept the server from answering: what is not known is not zero
 */
export async function workBacklog(connection: NatsConnection, address: ServiceAddress): Promise<Backlog> {
  const { work, consumers } = subjects(address);
  const manager = await jetstreamManager(connection);
  const tasks = async (consumer: string): Promise<number> => {
    const { num_pending: pending, num_ack_pending: working } = await manager.consumers.info(work.stream, consumer);
    return pending + working;
  };
  const [sampler, metaRM] = await Promise.all([tasks(consumers.sampler), tasks(consumers.metaRM)]);
  return { sampler, metaRM };
}

/** Removes a revision's queue, and whatever still waits in it. */
export async function removeRevision(connection: NatsConnection, address: ServiceAddress & { readonly revision: string }): Promise<void> {
  const { work, consumers, gate } = subjects(address);
  const manager = await jetstreamManager(connection);
  await Promise.all([consumers.sampler, consumers.metaRM].map((consumer) => manager.consumers.delete(work.stream, consumer).catch(ignoreMissing)));
  await manager.streams.purge(work.stream, { filter: work.mine }).catch(ignoreMissing);
  await forgetGates(manager, gate.bucket, gate.key);
}

/** Removes all that a service has in NATS: its queue, its dead letters, what its gates found. */
export async function removeTopology(connection: NatsConnection, address: ServiceAddress): Promise<void> {
  const { work, dead, gate } = subjects(address);
  const manager = await jetstreamManager(connection);
  await manager.streams.delete(work.stream).catch(ignoreMissing);
  await manager.streams.delete(dead.stream).catch(ignoreMissing);
  await forgetGates(manager, gate.bucket, gate.all);
}

/** What the workers say of themselves that answer within `waitMs`, until nobody has said anything for a while. */
export async function workersOf(connection: NatsConnection, address: ServiceAddress, waitMs: number): Promise<WorkerPresence[]> {
  const found: WorkerPresence[] = [];
  try {
    for await (const message of await connection.requestMany(subjects(address).presence, '', { strategy: 'stall', stall: stallMs, maxWait: waitMs })) {
      const said = WorkerPresence.safeParse(jsonOf(message.string()));
      if (said.success) found.push(said.data);
    }
  } catch (error) {
    // A service without replicas has no worker, which is no failure: it is the answer.
    if (!(error instanceof errors.NoRespondersError)) throw error;
  }
  return found;
}

/** What a gate found of a revision; absent: nothing yet, or nothing that this version can read. */
export async function gateReport(connection: NatsConnection, address: ServiceAddress & { readonly revision: string }): Promise<GateReport | undefined> {
  const entry = await (await openGatesBucket(connection)).get(subjects(address).gate.key);
  if (entry === null || entry.operation !== 'PUT') return undefined;
  const report = GateReport.safeParse(jsonOf(entry.string()));
  return report.success ? report.data : undefined;
}

/** Takes the place of what was found before. @throws where the bucket is not there: it comes with a revision's queue */
export async function putGateReport(connection: NatsConnection, address: ServiceAddress & { readonly revision: string }, report: GateReport): Promise<void> {
  await (await openGatesBucket(connection)).put(subjects(address).gate.key, JSON.stringify(report));
}

async function forgetGates(manager: JetStreamManager, bucket: string, keys: string): Promise<void> {
  await manager.streams.purge(`KV_${bucket}`, { filter: `$KV.${bucket}.${keys}` }).catch(ignoreMissing);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function ignoreMissing(error: unknown): undefined {
  if (!(error instanceof JetStreamApiError) || (error.code !== streamNotFound && error.code !== consumerNotFound)) throw error;
}
