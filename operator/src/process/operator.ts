import { readFileSync } from 'node:fs';
import { ApiClient, EventRecorder, keyOf, loadKubeConfig, Manager, RuntimeMetrics, systemClock, WebhookServer } from '@grm/controller-runtime';
import { modelsBucket } from '@grm/protocol';
import { connectNats, ensureObjectStore } from '@grm/service-kit';
import type { Logger } from 'pino';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { operatorInformers } from '../children/operator-informers.ts';
import type { OperatorConfiguration } from '../configuration/operator-configuration.ts';
import { addInferenceServiceController } from '../inference-service/inference-service.controller.ts';
import { PLANNER } from '../inference-service/plan-children.ts';
import { accountSigner } from '../nats/users/account-signer.ts';
import { NatsUsers } from '../nats/users/nats-users.ts';
import { natsOfServices } from '../nats/nats-of-services.ts';
import { NatsLink } from '../nats/nats-link.ts';
import { clusterSite } from '../site/cluster-site.ts';
import { addTrainingRunController } from '../training-run/training-run.controller.ts';
import { validateResource } from './validate-resource.ts';

/** Name of the operator's Lease. */
const LEASE = 'grm-operator';
export const FIELD_MANAGER = 'grm-operator';

/** The whole operator: both controllers on one manager, one API client and one connection to NATS. */
export class Operator implements AsyncDisposable {
  readonly client: ApiClient;
  readonly manager: Manager;
  readonly #link: NatsLink;
  readonly #events: EventRecorder;

  constructor(configuration: OperatorConfiguration, log: Logger) {
    const clock = systemClock;
    const registry = new Registry();
    collectDefaultMetrics({ register: registry });
    const metrics = new RuntimeMetrics(registry);
    const { queriesPerSecond, burst } = configuration.api;
    this.client = new ApiClient({ kubeConfig: loadKubeConfig(configuration.kubeconfig), fieldManager: FIELD_MANAGER, userAgent: 'grm-operator', queriesPerSecond, burst, metrics });
    this.manager = new Manager({
      client: this.client,
      namespaces: configuration.watched,
      ...(configuration.leaderElection ? { leaderElection: { namespace: configuration.namespace, name: LEASE, identity: configuration.identity, leaseSeconds: configuration.leaseSeconds } } : {}),
      health: configuration.http,
      registry,
      metrics,
      log,
    });
    this.#events = new EventRecorder({ client: this.client, controller: 'grm.dev/operator', instance: configuration.identity, clock, log });
    const connected = new Gauge({ name: 'grm_nats_connected', help: '1 while the connection to NATS is up', registers: [registry] });
    this.#link = new NatsLink({ connect: () => connectNats({ ...natsOf(configuration), name: 'grm-operator', timeoutMs: 10_000 }), log, onChange: (up) => connected.set(up ? 1 : 0) });
    this.manager.addRunnable({ name: 'connection to NATS', needsLeader: false, run: (signal) => this.#link.run(signal) });
    this.#addControllers(configuration, registry, log);
    this.#addWebhook(configuration, metrics, log);
  }

  run(signal: AbortSignal): Promise<void> {
    return this.manager.run(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#events.flush();
    await this.client[Symbol.asyncDispose]();
  }

  #addControllers(configuration: OperatorConfiguration, registry: Registry, log: Logger): void {
    const { client, manager } = this;
    const [clock, link, events] = [systemClock, this.#link, this.#events];
    const informers = operatorInformers(manager);
    const artifact = (run: string): never => {
      throw new Error(`the model of GRMTrainingRun ${run} is not there yet`);
    };
    const { accountSeed, ca, replicas } = configuration.nats;
    const copies = replicas === undefined ? {} : { replicas };
    const authority = ca === undefined ? undefined : readFileSync(ca, 'utf8');
    const users = accountSeed === undefined ? {} : { users: new NatsUsers(client, accountSigner(readFileSync(accountSeed, 'utf8'), accountSeed), clock, authority) };
    const site = clusterSite({ image: configuration.services.image, services: configuration.services, credentials: accountSeed !== undefined, artifact });
    const record: EventRecorder['record'] = (object, event) => events.record(object, event);
    const runs = addTrainingRunController({ manager, informers, client, link, namespaces: configuration.watched, site, planner: PLANNER, record, registry, log, clock, concurrency: configuration.concurrency, ...copies, ...users });
    const services = addInferenceServiceController({ manager, informers, client, nats: natsOfServices({ link, ...copies }), events, configuration, registry, clock, ...users });
    manager.addRunnable({
      name: 'services when NATS comes back',
      needsLeader: true,
      run: async (signal) => {
        const all = () => informers.services.store.list().forEach(({ metadata }) => services.enqueue({ namespace: metadata.namespace ?? '', name: metadata.name }));
        link.onConnected(all, signal);
      },
    });
    manager.addRunnable({
      name: 'object stores',
      needsLeader: true,
      // Trainers with users of their own may write to the bucket, not make it.
      run: async (signal) =>
        link.onConnected(() => {
          const { connection } = link;
          if (connection !== undefined) ensureObjectStore(connection, modelsBucket, 'Models that training runs publish', replicas).catch((error: unknown) => log.warn({ err: error }, 'the object store of models was not made'));
        }, signal),
    });
    manager.addRunnable({ name: 'renewal of NATS users', needsLeader: true, run: (signal) => repeat(RENEWAL_SECONDS, signal, () => informers.services.store.list().map(keyOf).forEach((key) => services.enqueue(key)), () => informers.runs.store.list().map(keyOf).forEach((key) => runs.enqueue(key))) });
  }

  #addWebhook({ webhook, http }: OperatorConfiguration, metrics: RuntimeMetrics, log: Logger): void {
    if (webhook === undefined) return;
    const handlers = { '/validate/grmtrainingruns': validateResource, '/validate/grminferenceservices': validateResource } as const;
    const server = new WebhookServer({ host: http.host, port: webhook.port, certificates: webhook.certificates, handlers, log, metrics });
    this.manager.addRunnable({ name: 'webhook', needsLeader: false, run: (signal) => server.run(signal) });
    this.manager.addReadyCheck('webhook', server.check);
  }
}

/** Users live for a month and are renewed long before; this often one looks, s. */
const RENEWAL_SECONDS = 6 * 3600;

async function repeat(seconds: number, signal: AbortSignal, ...work: readonly (() => void)[]): Promise<void> {
  while (!signal.aborted) {
    await systemClock.sleep(seconds * 1000, signal);
    if (!signal.aborted) for (const task of work) task();
  }
}

function natsOf({ nats }: OperatorConfiguration): { servers: readonly string[]; credentials?: string; certificateAuthority?: string; clientCertificate?: { certificate: string; key: string } } {
  return { servers: nats.servers, ...(nats.credentials === undefined ? {} : { credentials: nats.credentials }), ...(nats.ca === undefined ? {} : { certificateAuthority: nats.ca }), ...(nats.clientCertificate === undefined ? {} : { clientCertificate: nats.clientCertificate }) };
}
