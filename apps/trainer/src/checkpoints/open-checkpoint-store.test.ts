import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startNatsServer } from '@grm/service-kit/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatCheckpointName } from './checkpoint-name.ts';
import { CheckpointReadError } from './checkpoint-read-error.ts';
import { contentDigest } from './content-digest.ts';
import { openCheckpointStore, type CheckpointStoreOptions } from './open-checkpoint-store.ts';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'grm-open-checkpoints-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const content = Uint8Array.of(1, 2, 3);
const name = formatCheckpointName({ stage: 'rft', step: 1, digest: contentDigest(content) });
const optionsFor = (changes: Partial<CheckpointStoreOptions> = {}): CheckpointStoreOptions => ({
  runFolder: join(root, 'run'), namespace: 'team-a', run: 'judge', nats: undefined, ...changes,
});

describe("the place of a run's checkpoints", () => {
  it("is the run's own folder where nothing is said", async () => {
    await using store = await openCheckpointStore(undefined, optionsFor());
    expect(await store.write(name, content)).toBe(pathToFileURL(join(root, 'run', 'checkpoints', name)).href);
  });

  it('is a folder of the run within a volume, so that runs can share one', async () => {
    const to = { volume: { path: join(root, 'volume') } };
    await using store = await openCheckpointStore(to, optionsFor());
    await using other = await openCheckpointStore(to, optionsFor({ run: 'other' }));
    expect(await store.write(name, content)).toBe(pathToFileURL(join(root, 'volume', 'team-a.judge', name)).href);
    expect(await other.list()).toEqual([]);
  });

  it('is a bucket, in which runs do not meet either', async () => {
    await using server = await startNatsServer();
    const to = { objectStore: { bucket: 'kept' } };
    await using store = await openCheckpointStore(to, optionsFor({ nats: { servers: [server.url] } }));
    await using other = await openCheckpointStore(to, optionsFor({ nats: { servers: [server.url] }, run: 'other' }));
    expect(await store.write(name, content)).toBe(`nats://kept/team-a.judge/${name}`);
    expect(await store.read(name)).toEqual(content);
    expect(await other.list()).toEqual([]);
  });

  it.each([
    ['a bucket without servers', { objectStore: { bucket: 'kept' } }, /nats:\/\/kept: needs NATS; set GRM_NATS_URL/],
    ['a volume that is a file', { volume: { path: 'file' } }, /file\/team-a.judge: cannot be made; let the trainer write there/],
  ])('cannot be %s, and that is said', async (_what, to, message) => {
    await writeFile(join(root, 'file'), '');
    const place = 'volume' in to ? { volume: { path: join(root, to.volume.path) } } : to;
    const opened = openCheckpointStore(place, optionsFor());
    await expect(opened).rejects.toThrow(CheckpointReadError);
    await expect(opened).rejects.toThrow(message);
  });

  it('cannot be a bucket whose servers do not answer, and that is said in time', async () => {
    await using server = await startNatsServer();
    await server.stop();
    const opened = openCheckpointStore({ objectStore: { bucket: 'kept' } }, optionsFor({ nats: { servers: [server.url] }, timeoutMs: 300 }));
    await expect(opened).rejects.toThrow(/nats:\/\/kept: No NATS server answered at .*; or give checkpoints a folder/);
  });
});
