import { jetstream, jetstreamManager, StorageType } from '@nats-io/jetstream';
import { Objm } from '@nats-io/obj';
import { connectNats } from '@grm/service-kit';
import { startNatsServer, type TestNatsServer } from '@grm/service-kit/testing';
import type { NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatCheckpointName } from './checkpoint-name.ts';
import { CheckpointReadError } from './checkpoint-read-error.ts';
import type { CheckpointStore } from './checkpoint-store.ts';
import { CheckpointWriteError } from './checkpoint-write-error.ts';
import { contentDigest } from './content-digest.ts';
import { objectStoreCheckpointStore, type ObjectStoreCheckpointOptions } from './object-store-checkpoint-store.ts';
import { stageCheckpoints } from './stage-checkpoints.ts';

let server: TestNatsServer;
let connection: NatsConnection;
beforeAll(async () => {
  server = await startNatsServer();
  connection = await connectNats({ servers: [server.url], name: 'test' });
});
afterAll(async () => {
  await connection.close();
  await server[Symbol.asyncDispose]();
});

let buckets = 0;
const freshBucket = (): string => `checkpoints-${(buckets += 1)}`;
const storeIn = (bucket: string, options: Partial<ObjectStoreCheckpointOptions> = {}): CheckpointStore =>
  objectStoreCheckpointStore({ connection, bucket, prefix: 'default.mine', timeoutMs: 5_000, ...options });

/** Bytes that differ along the way. */
const contentOf = (size: number, seed = 1): Uint8Array => new Uint8Array(size).map((_, index) => (index * 31 + seed) % 251);
const nameOf = (content: Uint8Array, step = 1): string => formatCheckpointName({ stage: 'grpo', step, digest: contentDigest(content) });

/** Messages on the bucket's subjects by kind: chunks and entries. */
async function messagesIn(bucket: string): Promise<{ readonly chunks: number; readonly entries: number }> {
  const { state } = await (await jetstreamManager(connection)).streams.info(`OBJ_${bucket}`, { subjects_filter: '>' });
  const count = (kind: string): number =>
    Object.entries(state.subjects ?? {}).reduce((sum, [subject, messages]) => sum + (subject.startsWith(`$O.${bucket}.${kind}.`) ? messages : 0), 0);
  return { chunks: count('C'), entries: count('M') };
}

describe('checkpoints in an object store', () => {
  it.each([0, 1, 524_288, 524_289, 2_000_000])('of %i bytes are there as they were written, in a bucket that is made when needed', async (size) => {
    const bucket = freshBucket();
    const store = storeIn(bucket);
    const content = contentOf(size);
    expect(await store.list()).toEqual([]);
    expect(await store.read(nameOf(content))).toBeUndefined();
    expect(await store.write(nameOf(content), content)).toBe(`nats://${bucket}/default.mine/${nameOf(content)}`);
    expect(await store.list()).toEqual([nameOf(content)]);
    expect(await store.read(nameOf(content))).toEqual(content);
    await store.remove(nameOf(content));
    await store.remove(nameOf(content));
    expect(await store.list()).toEqual([]);
    expect(await store.read(nameOf(content))).toBeUndefined();
    expect(await messagesIn(bucket)).toEqual({ chunks: 0, entries: 0 });
  });

  it('of one run are not seen by another in the same bucket, nor is what is no checkpoint', async () => {
    const bucket = freshBucket();
    const [mine, longer] = [storeIn(bucket), storeIn(bucket, { prefix: 'default.mine-too' })];
    const content = contentOf(10);
    await mine.write(nameOf(content), content);
    await (await new Objm(connection).open(bucket)).putBlob({ name: 'default.mine/notes.txt' }, content);
    expect(await mine.list()).toEqual([nameOf(content)]);
    expect(await longer.list()).toEqual([]);
    await longer.remove(nameOf(content));
    expect(await mine.read(nameOf(content))).toEqual(content);
    await expect(mine.write('notes.txt', content)).rejects.toThrow(RangeError);
  });

  it('that somebody has deleted with other tools are not listed', async () => {
    const bucket = freshBucket();
    const store = storeIn(bucket);
    const content = contentOf(10);
    await store.write(nameOf(content), content);
    await (await new Objm(connection).open(bucket)).delete(`default.mine/${nameOf(content)}`);
    expect(await store.list()).toEqual([]);
    expect(await store.read(nameOf(content))).toBeUndefined();
  });

  it.each([
    ['a part', [2]],
    ['all', [1, 2, 3]],
  ])('of which %s is missing are not read, and can be written anew', async (_what, missing) => {
    const bucket = freshBucket();
    const store = storeIn(bucket);
    const content = contentOf(1_500_000);
    await store.write(nameOf(content), content);
    const { streams } = await jetstreamManager(connection);
    for (const message of missing) await streams.deleteMessage(`OBJ_${bucket}`, message);
    expect(await messagesIn(bucket)).toEqual({ chunks: 3 - missing.length, entries: 1 });
    expect(await store.read(nameOf(content))).toBeUndefined();
    await store.write(nameOf(content), content);
    expect(await store.read(nameOf(content))).toEqual(content);
  });

  it('that were changed in the store are not read, and can be written anew', async () => {
    const bucket = freshBucket();
    const store = storeIn(bucket);
    const content = contentOf(100_000);
    await store.write(nameOf(content), content);
    // As many chunks as before, the bytes others.
    const { streams } = await jetstreamManager(connection);
    const subject = (await streams.getMessage(`OBJ_${bucket}`, { seq: 1 }))?.subject ?? '';
    await streams.deleteMessage(`OBJ_${bucket}`, 1);
    await jetstream(connection).publish(subject, contentOf(100_000, 2));
    expect(await store.read(nameOf(content))).toBeUndefined();
    await store.write(nameOf(content), content);
    expect(await store.read(nameOf(content))).toEqual(content);
  });

  it('that are there whole are not replaced', async () => {
    const bucket = freshBucket();
    const store = storeIn(bucket);
    const content = contentOf(300_000);
    await store.write(nameOf(content), content);
    const before = await (await new Objm(connection).open(bucket)).info(`default.mine/${nameOf(content)}`);
    await store.write(nameOf(content), content);
    expect(await (await new Objm(connection).open(bucket)).info(`default.mine/${nameOf(content)}`)).toEqual(before);
  });

  it('do not share room with what killed writers left, once that is old', async () => {
    const bucket = freshBucket();
    const content = contentOf(10);
    await storeIn(bucket).write(nameOf(content), content);
    await jetstream(connection).publish(`$O.${bucket}.C.killed`, contentOf(1_000));
    await storeIn(bucket).write(nameOf(content, 2), content);
    expect(await messagesIn(bucket)).toEqual({ chunks: 3, entries: 2 });
    await storeIn(bucket, { leftoverAgeMs: 0 }).write(nameOf(content, 3), content);
    expect(await messagesIn(bucket)).toEqual({ chunks: 3, entries: 3 });
    expect(await storeIn(bucket).read(nameOf(content))).toEqual(content);
  });
});

describe('a full object store', () => {
  it('is a CheckpointWriteError that says what to do, leaves the older checkpoint whole and nothing else', async () => {
    const bucket = freshBucket();
    await new Objm(connection).create(bucket, { max_bytes: 1_000_000, storage: StorageType.File });
    const store = storeIn(bucket);
    const [small, big] = [contentOf(600_000), contentOf(900_000)];
    await store.write(nameOf(small), small);
    const before = await messagesIn(bucket);
    const written = store.write(nameOf(big, 2), big);
    await expect(written).rejects.toThrow(CheckpointWriteError);
    await expect(written).rejects.toThrow(new RegExp(`^nats://${bucket}/default.mine/grpo-00000002-.*cannot be written .*exceed.*; make room for the stream OBJ_${bucket}`));
    expect(await store.list()).toEqual([nameOf(small)]);
    expect(await store.read(nameOf(small))).toEqual(small);
    expect(await messagesIn(bucket)).toEqual(before);
    await store.remove(nameOf(small));
    await store.write(nameOf(big, 2), big);
    expect(await store.read(nameOf(big, 2))).toEqual(big);
  });

  it('lets checkpoints be taken away though not a byte is left', async () => {
    const bucket = freshBucket();
    await new Objm(connection).create(bucket, { max_bytes: 1_000_000, storage: StorageType.File });
    const store = storeIn(bucket);
    const content = contentOf(600_000);
    await store.write(nameOf(content), content);
    const client = jetstream(connection);
    let full = false;
    for (let size = 100_000; size > 0; size = full ? Math.floor(size / 2) : size)
      await client.publish(`$O.${bucket}.C.other`, contentOf(size)).catch(() => (full = true));
    await store.remove(nameOf(content));
    expect(await store.list()).toEqual([]);
  });

  it('does not end a stage, which goes on from the checkpoint before', async () => {
    const bucket = freshBucket();
    await new Objm(connection).create(bucket, { max_bytes: 1_000_000, storage: StorageType.File });
    const notices: string[] = [];
    const checkpoints = stageCheckpoints({
      store: storeIn(bucket), stage: 'grpo', keep: 2, runDigest: 'run', notice: ({ reason }) => notices.push(reason), saved: () => undefined,
    });
    const at = (step: number, floats: number) => ({ step, cursor: null, state: { step, tensors: new Map([['w', { shape: [floats], data: new Float32Array(floats).fill(step) }]]) } });
    expect(await checkpoints.save(at(1, 150_000))).toBe(true);
    expect(await checkpoints.save(at(2, 150_000))).toBe(false);
    expect(notices).toEqual(['CheckpointNotWritten']);
    expect((await checkpoints.newest())?.step).toBe(1);
    await checkpoints.clear();
    expect(await checkpoints.newest()).toBeUndefined();
  });
});

describe('servers that are lost', () => {
  it('are errors within the deadline, in the middle of a write too; what was there is there when they are back', async () => {
    await using lost = await startNatsServer();
    const own = await connectNats({ servers: [lost.url], name: 'test' });
    try {
      const bucket = freshBucket();
      const store = objectStoreCheckpointStore({ connection: own, bucket, prefix: 'default.mine', timeoutMs: 1_000 });
      const [small, big] = [contentOf(200_000), new Uint8Array(200_000_000)];
      await store.write(nameOf(small), small);

      const { streams } = await jetstreamManager(own);
      const written = store.write(nameOf(big, 2), big).then(() => undefined, (error: unknown) => ({ error, at: Date.now() }));
      await expect.poll(async () => (await streams.info(`OBJ_${bucket}`)).state.messages, { interval: 5, timeout: 30_000 }).toBeGreaterThan(10);
      await lost.stop('SIGKILL');
      const killed = Date.now();
      const failure = await written;
      expect(failure?.error).toBeInstanceOf(CheckpointWriteError);
      expect(String(failure?.error)).toMatch(/grpo-00000002-.*cannot be written .*; see that nats-server runs with JetStream and can be reached/);
      expect((failure?.at ?? Infinity) - killed).toBeLessThan(10_000);

      await expect(store.write(nameOf(small, 3), small)).rejects.toThrow(CheckpointWriteError);
      await expect(store.remove(nameOf(small))).rejects.toThrow(CheckpointWriteError);
      await expect(store.read(nameOf(small))).rejects.toThrow(CheckpointReadError);
      await expect(store.list()).rejects.toThrow(CheckpointReadError);

      await lost.start();
      await expect.poll(() => store.list().catch(() => undefined), { timeout: 30_000 }).toEqual([nameOf(small)]);
      expect(await store.read(nameOf(small))).toEqual(small);
    } finally {
      await own.close();
    }
  });
});
