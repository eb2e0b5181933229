import type { ServiceAddress, WorkerPresence } from '@grm/protocol';
import { ensureTopology, gateReport, removeRevision, removeTopology, workBacklog, workersOf } from '@grm/service-kit';
import type { NatsConnection } from '@nats-io/transport-node';
import { within } from '../background/within.ts';
import type { NatsLink } from './nats-link.ts';
import { NatsUnavailableError } from './nats-unavailable-error.ts';
import type { ServiceNats, WorkReading } from './service-nats.ts';

export interface NatsOfServicesOptions {
  readonly link: Pick<NatsLink, 'connection'>;
  /** Copies of what is made; absent: one of what is new. */
  readonly replicas?: number;
  /** Longest that one call may take, ms. */
  readonly timeoutMs?: number;
  /** How long workers are listened to, ms. */
  readonly listenMs?: number;
}

type RevisionAddress = ServiceAddress & { readonly revision: string };

/** Samples of a task of which none has been measured: as many as voters put into one at most. */
const SAMPLES_PER_TASK = 8;

/** `ServiceNats` over the operator's connection. */
export function natsOfServices({ link, replicas, timeoutMs = 5_000, listenMs = 500 }: NatsOfServicesOptions): ServiceNats {
  // By connection: a server that was set up anew has lost its streams.
  const ensured = new WeakMap<NatsConnection, Map<string, string>>();
  const bounded = async <T>(what: string, work: (connection: NatsConnection) => Promise<T>): Promise<T> => {
    const { connection } = link;
    if (connection === undefined) throw new NatsUnavailableError(what);
    return within(timeoutMs, work(connection), what);
  };
  return {
    get connected() {
      return link.connection !== undefined;
    },
    ensure: (service, revisions, maxPending) =>
      bounded('making the queue of the service', async (connection) => {
        const known = ensured.get(connection) ?? new Map<string, string>();
        ensured.set(connection, known);
        const [key, wanted] = [`${service.namespace}/${service.service}`, JSON.stringify([[...revisions].toSorted(), maxPending])];
        if (known.get(key) === wanted) return;
        for (const revision of revisions) await ensureTopology(connection, { ...service, revision, limits: { maxPending }, ...(replicas === undefined ? {} : { replicas }) });
        known.set(key, wanted);
      }),
    read: (service) =>
      bounded('reading what waits', async (connection) => {
        const [tasks, workers] = await Promise.all([workBacklog(connection, service), workersOf(connection, service, listenMs)]);
        return readingOf(service, tasks, workers);
      }),
    drained: (service) =>
      bounded('asking whether a revision is drained', async (connection) => {
        const { sampler, metaRM } = await workBacklog(connection, service);
        return sampler + metaRM === 0;
      }),
    gateReport: (service) => bounded('reading what the gate found', (connection) => gateReport(connection, service)),
    removeRevision: (service) =>
      bounded('removing the queue of a revision', async (connection) => {
        ensured.get(connection)?.delete(`${service.namespace}/${service.service}`);
        await removeRevision(connection, service);
      }),
    removeAll: (service) =>
      bounded('removing the queue of the service', async (connection) => {
        ensured.get(connection)?.delete(`${service.namespace}/${service.service}`);
        await removeTopology(connection, service);
      }),
  };
}

/** Means over the workers that have been measured. */
function readingOf({ revision }: RevisionAddress, tasks: { readonly sampler: number; readonly metaRM: number }, workers: readonly WorkerPresence[]): WorkReading {
  const samplers = workers.filter((worker) => worker.component === 'sampler' && worker.revision === revision);
  const scorers = workers.filter((worker) => worker.component === 'meta-rm' && worker.revision === revision);
  const samplesPerSecond = mean(samplers.map((worker) => worker.samplesPerSecond));
  const loadSeconds = mean(samplers.map((worker) => worker.loadSeconds));
  const judgementsPerSecond = mean(scorers.map((worker) => worker.samplesPerSecond));
  return {
    samples: Math.round(tasks.sampler * (mean(samplers.map((worker) => worker.samplesPerTask)) ?? SAMPLES_PER_TASK)),
    metaRM: tasks.metaRM,
    ...(samplesPerSecond === undefined ? {} : { samplesPerSecond }),
    ...(loadSeconds === undefined ? {} : { loadSeconds }),
    ...(judgementsPerSecond === undefined ? {} : { judgementsPerSecond }),
  };
}

function mean(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : known.reduce((sum, value) => sum + value, 0) / known.length;
}
