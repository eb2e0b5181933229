import { type RolloutSubjects, rolloutSubjects, type RunAddress } from '@grm/protocol';
import { Configuration, createLog, ensureRolloutTopology } from '@grm/service-kit';
import { startNatsServer, type TestNatsServer } from '@grm/service-kit/testing';
import { openQueuedRollouts, type QueuedRollouts, type QueuedRolloutsOptions } from '@grm/trainer';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { ServiceProcess } from './service-process.ts';

/** A training run's queue with nobody at it yet: a real nats-server, and real samplers when they are asked for. Disposing ends what it started. */
export interface RolloutGround extends AsyncDisposable {
  readonly nats: TestNatsServer;
  /** The test's own connection. */
  readonly connection: NatsConnection;
  readonly address: RunAddress;
  readonly names: RolloutSubjects;
  /** One more sampler of the run, ready for work. */
  sampler(environment?: Readonly<Record<string, string>>): Promise<ServiceProcess>;
  /** The trainer's side of the queue. */
  rollouts(options?: Partial<QueuedRolloutsOptions>): Promise<QueuedRollouts>;
}

const address = { namespace: 'test', run: 'judge' } as const;

export async function rolloutGround(): Promise<RolloutGround> {
  const stack = new AsyncDisposableStack();
  const nats = stack.use(await startNatsServer());
  const connection = stack.adopt(await connect({ servers: nats.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 }), (open) => open.close());
  await ensureRolloutTopology(connection, address);
  const log = createLog('trainer', Configuration.parse({ GRM_LOG_LEVEL: 'silent' }));
  return {
    nats,
    connection,
    address,
    names: rolloutSubjects(address),
    sampler: async (environment = {}) => {
      const all = { GRM_NATS_URL: nats.url, GRM_NAMESPACE: address.namespace, GRM_RUN_NAME: address.run, ...environment };
      const started = stack.use(ServiceProcess.spawn({ component: 'sampler', environment: all }));
      await started.ready();
      return started;
    },
    rollouts: async (options = {}) => stack.use(await openQueuedRollouts({ ...address, nats: { servers: [nats.url] }, log, ...options })),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
