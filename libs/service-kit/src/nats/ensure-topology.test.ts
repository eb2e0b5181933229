import { subjects } from '@grm/protocol';
import { AckPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startNatsServer, type TestNatsServer } from '../testing/start-nats-server.ts';
import { ensureRunsBucket } from './ensure-runs-bucket.ts';
import { ensureTopology } from './ensure-topology.ts';
import { TooFewNatsServersError } from './too-few-nats-servers-error.ts';

describe('the topology of a service', () => {
  let server: TestNatsServer;
  beforeAll(async () => {
    server = await startNatsServer();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it('has a consumer for each kind of worker, and provisioning it again changes limits and loses nothing', async () => {
    const address = { namespace: 'default', service: 'again' };
    const names = subjects(address);
    const connection = await connect({ servers: server.url });
    const manager = await jetstreamManager(connection);
    await ensureTopology(connection, { ...address, limits: { maxPending: 5 } });
    await jetstream(connection).publish(names.work.sample, 'kept');
    await ensureTopology(connection, { ...address, limits: { maxPending: 7 } });

    const { config, state } = await manager.streams.info(names.work.stream);
    expect(config).toMatchObject({ max_msgs: 7, retention: 'workqueue', discard: 'new' });
    expect(state.messages).toBe(1);
    expect((await manager.consumers.info(names.work.stream, names.consumers.sampler)).num_pending).toBe(1);
    expect((await manager.consumers.info(names.work.stream, names.consumers.metaRM)).num_pending).toBe(0);
    await connection.close();
  });

  it('is refused with what to do where a lone server is to keep three copies', async () => {
    const connection = await connect({ servers: server.url });
    const wanted = { namespace: 'default', service: 'copies', limits: { maxPending: 5 } };
    await expect(ensureTopology(connection, { ...wanted, replicas: 3 })).rejects.toThrow(/does not keep 3 copies of the stream GRM-WORK-.*nats\.replicas/u);
    await ensureTopology(connection, wanted);
    await expect(ensureTopology(connection, { ...wanted, replicas: 3 })).rejects.toThrow(TooFewNatsServersError);
    await connection.close();
  });

  it('widens a consumer that took one kind of task, and loses nothing', async () => {
    const address = { namespace: 'default', service: 'older' };
    const { work, consumers } = subjects(address);
    const connection = await connect({ servers: server.url });
    const manager = await jetstreamManager(connection);
    await ensureTopology(connection, { ...address, limits: { maxPending: 5 } });
    await manager.consumers.delete(work.stream, consumers.sampler);
    await manager.consumers.add(work.stream, { durable_name: consumers.sampler, filter_subject: work.sample, ack_policy: AckPolicy.Explicit });
    for (const subject of [work.sample, work.meta]) await jetstream(connection).publish(subject, 'kept');
    await ensureTopology(connection, { ...address, limits: { maxPending: 5 } });
    await jetstream(connection).publish(work.write, 'new');
    const pending = async (consumer: string) => (await manager.consumers.info(work.stream, consumer)).num_pending;
    expect([await pending(consumers.sampler), await pending(consumers.metaRM)]).toEqual([2, 1]);
    await connection.close();
  });

  it('refuses a task beyond the limit at once', async () => {
    const address = { namespace: 'default', service: 'full' };
    const connection = await connect({ servers: server.url });
    await ensureTopology(connection, { ...address, limits: { maxPending: 2 } });
    const publish = () => jetstream(connection).publish(subjects(address).work.sample, 'task');
    await publish();
    await publish();
    await expect(publish()).rejects.toThrow('maximum messages exceeded');
    await connection.close();
  });

  it('is separate for services whose names would run together', async () => {
    const connection = await connect({ servers: server.url });
    await ensureTopology(connection, { namespace: 'team', service: 'a-b', limits: { maxPending: 5 } });
    await ensureTopology(connection, { namespace: 'team-a', service: 'b', limits: { maxPending: 5 } });
    await jetstream(connection).publish(subjects({ namespace: 'team-a', service: 'b' }).work.sample, 'task');
    const manager = await jetstreamManager(connection);
    const pending = async (namespace: string, service: string) =>
      (await manager.streams.info(subjects({ namespace, service }).work.stream)).state.messages;
    expect([await pending('team', 'a-b'), await pending('team-a', 'b')]).toEqual([0, 1]);
    await connection.close();
  });

  it('opens the bucket of the runs with its history', async () => {
    const connection = await connect({ servers: server.url });
    const bucket = await ensureRunsBucket(connection);
    const revision = await bucket.create('default.nano', '{"phase":"Pending"}');
    await expect(bucket.update('default.nano', 'stale', revision + 1)).rejects.toThrow('wrong last sequence');
    expect((await (await ensureRunsBucket(connection)).get('default.nano'))?.string()).toBe('{"phase":"Pending"}');
    await connection.close();
  });
});
