import { type GateReport, subjects } from '@grm/protocol';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startNatsServer, type TestNatsServer } from '../testing/start-nats-server.ts';
import { ensureTopology } from './ensure-topology.ts';
import { gateReport, putGateReport, removeRevision, removeTopology, workBacklog, workersOf } from './service-topology.ts';

const limits = { maxPending: 100 };
const report: GateReport = { suite: 'nanobench', items: 2, accuracy: 0.5, low: 0.1, high: 0.9, picks: [0, -1], seed: 1, judgedAt: '2026-01-01T00:00:00.000Z' };

let server: TestNatsServer;
let connection: NatsConnection;
beforeAll(async () => {
  server = await startNatsServer();
  connection = await connect({ servers: server.url });
});
afterAll(async () => {
  await connection.close();
  await server[Symbol.asyncDispose]();
});

/** Two revisions of one service, each with tasks that wait: three to sample and one to score. */
async function twoRevisions(service: string) {
  const [old, young] = [{ namespace: 'default', service, revision: 'rold' }, { namespace: 'default', service, revision: 'rnew' }] as const;
  for (const address of [old, young]) {
    await ensureTopology(connection, { ...address, limits });
    const { work } = subjects(address);
    for (const subject of [work.sample, work.sample, work.write, work.meta]) await jetstream(connection).publish(subject, `for ${address.revision}`);
  }
  return { old, young };
}

async function consumersOf(stream: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of (await jetstreamManager(connection)).consumers.list(stream)) names.push(name);
  return names.toSorted();
}

describe('revisions of a service', () => {
  it('share a stream and have queues of their own: each hands out its own tasks and counts them', async () => {
    const { old, young } = await twoRevisions('two');
    expect(await consumersOf(subjects(old).work.stream)).toEqual(['meta-rm-rnew', 'meta-rm-rold', 'sampler-rnew', 'sampler-rold']);
    expect([await workBacklog(connection, old), await workBacklog(connection, young)]).toEqual(Array.from({ length: 2 }, () => ({ sampler: 3, metaRM: 1 })));
    const consumer = await jetstream(connection).consumers.get(subjects(old).work.stream, subjects(old).consumers.sampler);
    const message = await consumer.next({ expires: 5_000 });
    expect(message?.string()).toBe('for rold');
    // What is being worked on still has to be done.
    expect(await workBacklog(connection, old)).toEqual({ sampler: 3, metaRM: 1 });
    await message?.ackAck();
    expect(await workBacklog(connection, old)).toEqual({ sampler: 2, metaRM: 1 });
    expect(await workBacklog(connection, young)).toEqual({ sampler: 3, metaRM: 1 });
  });

  it('stand beside the queue of a service that had none', async () => {
    const address = { namespace: 'default', service: 'plain' };
    await ensureTopology(connection, { ...address, limits });
    await ensureTopology(connection, { ...address, revision: 'r1', limits });
    await jetstream(connection).publish(subjects(address).work.sample, 'plain');
    expect(await workBacklog(connection, address)).toEqual({ sampler: 1, metaRM: 0 });
    expect(await workBacklog(connection, { ...address, revision: 'r1' })).toEqual({ sampler: 0, metaRM: 0 });
  });

  it('go without a trace, and leave the other its queue; twice does no harm', async () => {
    const { old, young } = await twoRevisions('gone');
    for (const address of [old, young]) await putGateReport(connection, address, report);
    await removeRevision(connection, old);
    await removeRevision(connection, old);
    expect(await consumersOf(subjects(old).work.stream)).toEqual(['meta-rm-rnew', 'sampler-rnew']);
    const { state } = await (await jetstreamManager(connection)).streams.info(subjects(old).work.stream, { subjects_filter: '>' });
    expect(Object.keys(state.subjects ?? {}).filter((subject) => subject.includes('rold'))).toEqual([]);
    expect(await workBacklog(connection, young)).toEqual({ sampler: 3, metaRM: 1 });
    expect([await gateReport(connection, old), await gateReport(connection, young)]).toEqual([undefined, report]);
  });

  it('have a backlog that is unknown, not zero, where the queue is not there', async () => {
    const { old } = await twoRevisions('unknown');
    await removeRevision(connection, old);
    await expect(workBacklog(connection, old)).rejects.toThrow('consumer not found');
    await expect(workBacklog(connection, { namespace: 'default', service: 'never', revision: 'r1' })).rejects.toThrow('stream not found');
  });

  it('keep what a gate found until it is measured anew; what cannot be read counts as nothing', async () => {
    const { old } = await twoRevisions('gated');
    expect(await gateReport(connection, old)).toBeUndefined();
    await putGateReport(connection, old, { ...report, error: 'nobody answered' });
    await putGateReport(connection, old, report);
    expect(await gateReport(connection, old)).toEqual(report);
    const { bucket, key } = subjects(old).gate;
    await jetstream(connection).publish(`$KV.${bucket}.${key}`, 'no JSON');
    expect(await gateReport(connection, old)).toBeUndefined();
  });
});

describe('a service that is removed', () => {
  it('leaves no stream and no report, and a service of a like name keeps its own', async () => {
    const { old, young } = await twoRevisions('end');
    const { old: other } = await twoRevisions('end-2');
    for (const address of [old, young, other]) await putGateReport(connection, address, report);
    await removeTopology(connection, { namespace: 'default', service: 'end' });
    await removeTopology(connection, { namespace: 'default', service: 'end' });
    await expect(workBacklog(connection, young)).rejects.toThrow('stream not found');
    expect([await gateReport(connection, old), await gateReport(connection, young), await gateReport(connection, other)]).toEqual([undefined, undefined, report]);
    expect(await workBacklog(connection, other)).toEqual({ sampler: 3, metaRM: 1 });
  });
});

describe('workers of a service', () => {
  it('are those that answer; strange answers and silence count as nobody', async () => {
    const address = { namespace: 'default', service: 'crew' };
    const { presence } = subjects(address);
    expect(await workersOf(connection, address, 500)).toEqual([]);
    const said = { worker: 'host/1', component: 'sampler', revision: 'r1', busy: 2, samplesPerSecond: 3.5 };
    const answers = [JSON.stringify(said), 'no JSON', JSON.stringify({ ...said, busy: -1 })];
    const subscriptions = [...answers.map((answer) => connection.subscribe(presence, { callback: (_, message) => void message.respond(answer) })), connection.subscribe(presence)];
    expect(await workersOf(connection, address, 500)).toEqual([said]);
    for (const subscription of subscriptions) subscription.unsubscribe();
  });
});
