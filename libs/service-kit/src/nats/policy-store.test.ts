import { createHash } from 'node:crypto';
import { jetstreamManager } from '@nats-io/jetstream';
import { Objm } from '@nats-io/obj';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startNatsServer, type TestNatsServer } from '../testing/start-nats-server.ts';
import { ensureRolloutTopology } from './ensure-rollout-topology.ts';
import { PolicyStore } from './policy-store.ts';
import { PolicyUnavailableError } from './policy-unavailable-error.ts';
import { removeRolloutTopology } from './remove-rollout-topology.ts';

const weights = (seed: number, length = 1_300_000) => Uint8Array.from({ length }, (_, index) => (index * 31 + seed) % 251);
const never = new AbortController().signal;
let counter = 0;

describe("a run's policies", () => {
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

  async function run() {
    const address = { namespace: 'test', run: `run-${++counter}` };
    await ensureRolloutTopology(connection, address);
    return { address, trainer: new PolicyStore(connection, address), sampler: new PolicyStore(connection, address) };
  }

  it('are named by their digest and come back as they were put', async () => {
    const { trainer, sampler } = await run();
    expect(await sampler.newest()).toBeUndefined();
    const reference = await trainer.announce(weights(1));
    expect(reference.revision).toBe(`sha256:${createHash('sha256').update(weights(1)).digest('hex')}`);
    expect(await sampler.newest()).toBe(reference.revision);
    expect(Buffer.compare(await sampler.fetch(reference, never), weights(1))).toBe(0);
  });

  it('stay until two others have come, and take no room then', async () => {
    const { address, trainer, sampler } = await run();
    const [first, second] = [await trainer.announce(weights(1)), await trainer.announce(weights(2))];
    expect(await sampler.fetch(first, never)).toHaveLength(1_300_000);
    const third = await trainer.announce(weights(3));
    await expect(sampler.fetch(first, never)).rejects.toThrow(PolicyUnavailableError);
    await expect(sampler.fetch(first, never)).rejects.toThrow(`policy ${first.revision} of object store grm-policy-test-${address.run}: is not there (any more)`);
    for (const reference of [second, third]) expect(await sampler.fetch(reference, never)).toHaveLength(1_300_000);
    const { state } = await (await jetstreamManager(connection)).streams.info(`OBJ_grm-policy-test-${address.run}`);
    expect(state.bytes).toBeLessThan(2 * 1_300_000 + 20_000);
  });

  it('can be gone back to, and be announced twice', async () => {
    const { trainer, sampler } = await run();
    const first = await trainer.announce(weights(1, 100));
    await trainer.announce(weights(2, 100));
    expect(await trainer.announce(weights(1, 100))).toEqual(first);
    expect(await trainer.announce(weights(1, 100))).toEqual(first);
    expect(await sampler.newest()).toBe(first.revision);
    expect(await sampler.fetch(first, never)).toEqual(weights(1, 100));
  });

  it('are refused when what lies there is something else', async () => {
    const { trainer, sampler } = await run();
    const reference = await trainer.announce(weights(1, 100));
    const store = await new Objm(connection).open(reference.bucket);
    await store.putBlob({ name: reference.name }, weights(2, 100));
    await expect(sampler.fetch(reference, never)).rejects.toThrow(`what lies there has the digest ${createHash('sha256').update(weights(2, 100)).digest('hex')}`);
  });

  it('that were damaged are mended by the next trainer that announces them', async () => {
    const { address, trainer, sampler } = await run();
    const reference = await trainer.announce(weights(1, 100));
    await (await new Objm(connection).open(reference.bucket)).putBlob({ name: reference.name }, weights(2, 100));
    await new PolicyStore(connection, address).announce(weights(1, 100));
    expect(await sampler.fetch(reference, never)).toEqual(weights(1, 100));
  });

  it('are not taken from the object store of another run', async () => {
    const [mine, other] = [await run(), await run()];
    const reference = await other.trainer.announce(weights(1, 100));
    await expect(mine.sampler.fetch(reference, never)).rejects.toThrow(PolicyUnavailableError);
  });

  it('cannot be announced where nobody has provisioned the run; the error says who does', async () => {
    const store = new PolicyStore(connection, { namespace: 'test', run: 'nowhere' });
    await expect(store.announce(weights(1, 100))).rejects.toThrow('The object store grm-policy-test-nowhere cannot be opened; whoever provisions the run makes it');
    await ensureRolloutTopology(connection, { namespace: 'test', run: 'nowhere' });
    expect(await store.announce(weights(1, 100))).toMatchObject({ bucket: 'grm-policy-test-nowhere' });
  });

  it('end with the run: nothing of it is left but dead letters', async () => {
    const { address, trainer } = await run();
    const other = await run();
    await trainer.announce(weights(1, 100));
    const manager = await jetstreamManager(connection);
    const streams = async () => (await manager.streams.names().next()).filter((name) => name.endsWith(`test-${address.run}`)).toSorted();
    expect(await streams()).toHaveLength(3);
    connection.publish(`grm.rollout.test.${address.run}.dead`, 'a letter');
    await connection.flush();
    await removeRolloutTopology(connection, address);
    expect(await streams()).toEqual([`GRM-ROLLOUT-DEAD-test-${address.run}`]);
    await manager.streams.purge(`GRM-ROLLOUT-DEAD-test-${address.run}`);
    await removeRolloutTopology(connection, address);
    expect(await streams()).toEqual([]);
    expect(await other.trainer.announce(weights(1, 100))).toBeDefined();
  });
});
