import { subjects } from '@grm/protocol';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { Configuration } from '../configuration/configuration.ts';
import { ensureTopology } from '../nats/ensure-topology.ts';
import { startNatsServer, type TestNatsServer } from './start-nats-server.ts';

let counter = 0;

/** A server with the topology of one service that no other test uses, and a connection of the test's own. */
export interface ServiceGround extends AsyncDisposable {
  readonly server: TestNatsServer;
  readonly connection: NatsConnection;
  readonly configuration: Configuration;
  readonly names: ReturnType<typeof subjects>;
  /** Tasks waiting or being worked on. */
  readonly pending: () => Promise<number>;
  /** Dead letters, oldest first. */
  readonly deadLetters: () => Promise<{ text: string; header: (name: string) => string }[]>;
}

export interface ServiceGroundOptions {
  readonly server?: TestNatsServer;
  readonly maxPending?: number;
  /** Of the service's model; the topology, the names and the configuration are then that revision's. */
  readonly revision?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

export async function serviceGround(options: ServiceGroundOptions = {}): Promise<ServiceGround> {
  const server = options.server ?? (await startNatsServer());
  const { revision } = options;
  const address = { namespace: 'test', service: `service-${++counter}`, ...(revision === undefined ? {} : { revision }) };
  const names = subjects(address);
  const connection = await connect({ servers: server.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
  await ensureTopology(connection, { ...address, limits: { maxPending: options.maxPending ?? 1_000 } });
  const manager = await jetstreamManager(connection);
  const messages = async (stream: string) => (await manager.streams.info(stream)).state.messages;
  return {
    server,
    connection,
    names,
    configuration: Configuration.parse({
      GRM_NATS_URL: server.url,
      GRM_NAMESPACE: address.namespace,
      GRM_SERVICE: address.service,
      GRM_REVISION: revision,
      GRM_LOG_LEVEL: 'silent',
      ...options.environment,
    }),
    pending: () => messages(names.work.stream),
    deadLetters: async () => {
      const count = await messages(names.dead.stream);
      if (count === 0) return [];
      const letters: { text: string; header: (name: string) => string }[] = [];
      const consumer = await jetstream(connection).consumers.get(names.dead.stream);
      for await (const message of await consumer.fetch({ max_messages: count, expires: 5_000 })) {
        letters.push({ text: message.string(), header: (name) => message.headers?.get(name) ?? '' });
      }
      return letters;
    },
    [Symbol.asyncDispose]: async () => {
      await connection.close();
      if (options.server === undefined) await server[Symbol.asyncDispose]();
    },
  };
}
