import { jetstreamManager } from '@nats-io/jetstream';
import { Objm } from '@nats-io/obj';
import { connect } from '@nats-io/transport-node';
import { expect, it } from 'vitest';
import { startNatsServer } from '../testing/start-nats-server.ts';
import { removeObjects } from './remove-objects.ts';

it('takes away the objects of one run with all that they take up, and nobody else\'s', async () => {
  await using server = await startNatsServer();
  const connection = await connect({ servers: server.url });
  const store = await new Objm(connection).create('grm-checkpoints');
  for (const name of ['team.nano/grpo-1', 'team.nano/grpo-2', 'team.nano-2/grpo-1']) await store.putBlob({ name }, new Uint8Array(300_000));
  await removeObjects(connection, { bucket: 'grm-checkpoints', prefix: 'team.nano/' });
  await removeObjects(connection, { bucket: 'grm-checkpoints', prefix: 'team.nano/' });
  const left = (await jetstreamManager(connection)).streams.info('OBJ_grm-checkpoints', { subjects_filter: '>' });
  expect((await store.list()).map(({ name }) => name)).toEqual(['team.nano-2/grpo-1']);
  expect((await store.getBlob('team.nano-2/grpo-1'))?.length).toBe(300_000);
  // One entry and the chunks of one object.
  expect(Object.keys((await left).state.subjects ?? {})).toHaveLength(2);
  await connection.close();
});

it('finds nothing to do where there is no such bucket', async () => {
  await using server = await startNatsServer();
  const connection = await connect({ servers: server.url });
  await removeObjects(connection, { bucket: 'grm-checkpoints', prefix: 'team.nano/' });
  expect(await (await jetstreamManager(connection)).streams.names().next()).toEqual([]);
  await connection.close();
});
