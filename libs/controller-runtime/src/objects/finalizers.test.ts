import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isConflict, isNotFound } from '../api/api-error.ts';
import { type ApiGround, apiGrounds, lease, realGround } from '../api/api-grounds.fixture.ts';
import { leases } from '../leader/lease.ts';
import { addFinalizer, hasFinalizer, removeFinalizer } from './finalizers.ts';

const finalizer = 'example.org/clean-up';

describe.each(apiGrounds)('on %s', (_name, open) => {
  let ground: ApiGround;
  beforeAll(async () => {
    ground = await open();
  });
  afterAll(() => ground[Symbol.asyncDispose]());

  test('a finalizer is added once, beside those of others, and taken away alone', async () => {
    const { client, namespace } = ground;
    const made = await client.create(leases, { ...lease(namespace, 'shared'), metadata: { namespace, name: 'shared', finalizers: ['example.org/other'] } });
    const held = await addFinalizer(client, leases, made, finalizer);
    expect(held.metadata.finalizers).toEqual(['example.org/other', finalizer]);
    expect(await addFinalizer(client, leases, held, finalizer)).toBe(held);
    await removeFinalizer(client, leases, held, finalizer);
    expect((await client.get(leases, { namespace, name: 'shared' })).metadata.finalizers).toEqual(['example.org/other']);
  });

  test('a list that was read before another wrote to it is a conflict, so nobody loses a finalizer', async () => {
    const { client, namespace } = ground;
    const made = await client.create(leases, lease(namespace, 'raced'));
    await addFinalizer(client, leases, made, 'example.org/other');
    await expect(addFinalizer(client, leases, made, finalizer)).rejects.toSatisfy(isConflict);
    expect((await client.get(leases, { namespace, name: 'raced' })).metadata.finalizers).toEqual(['example.org/other']);
  });

  test('an object that is gone already needs no finalizer removed', async () => {
    const { client, namespace } = ground;
    const gone = { ...lease(namespace, 'gone'), metadata: { namespace, name: 'gone', finalizers: [finalizer] } };
    await expect(removeFinalizer(client, leases, gone, finalizer)).resolves.toBeUndefined();
  });
});

test('deletion waits for the finalizer on the real API server', async () => {
  await using ground = await realGround();
  const { client, namespace } = ground;
  await addFinalizer(client, leases, await client.create(leases, lease(namespace, 'kept')), finalizer);
  await client.delete(leases, { namespace, name: 'kept' });
  const leaving = await client.get(leases, { namespace, name: 'kept' });
  expect(leaving.metadata.deletionTimestamp).toBeDefined();
  expect(hasFinalizer(leaving, finalizer)).toBe(true);
  await removeFinalizer(client, leases, leaving, finalizer);
  await expect(client.get(leases, { namespace, name: 'kept' })).rejects.toSatisfy(isNotFound);
});
