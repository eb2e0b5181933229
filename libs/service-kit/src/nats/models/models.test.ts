import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { modelIndexName } from '@grm/protocol';
import { jetstreamManager } from '@nats-io/jetstream';
import { Objm } from '@nats-io/obj';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startNatsServer, type TestNatsServer } from '../../testing/start-nats-server.ts';
import { fetchModel } from './fetch-model.ts';
import { publishModel } from './publish-model.ts';
import { StoredModelError } from './stored-model-error.ts';

const signal = new AbortController().signal;
const revisionOf = (letter: string): string => `sha256:${letter.repeat(64)}`;
const content = (seed: number, length: number): Uint8Array => Uint8Array.from({ length }, (_, index) => (index * 31 + seed) % 251);
let counter = 0;

describe('models in an object store', () => {
  let server: TestNatsServer;
  let connection: NatsConnection;
  let root: string;
  beforeAll(async () => {
    server = await startNatsServer();
    connection = await connect({ servers: server.url });
    root = await mkdtemp(join(tmpdir(), 'grm-models-'));
  });
  afterAll(async () => {
    await connection.close();
    await server[Symbol.asyncDispose]();
    await rm(root, { recursive: true, force: true });
  });

  /** A model's files on disk. */
  async function model(files: Readonly<Record<string, Uint8Array>>): Promise<{ folder: string; files: string[] }> {
    const folder = join(root, `model-${++counter}`);
    await mkdir(folder);
    for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes);
    return { folder, files: Object.keys(files) };
  }
  const weights = { 'config.json': content(1, 300), 'model.safetensors': content(2, 1_700_000) };
  const place = () => ({ bucket: `models-${++counter}`, key: 'team-a.nano/policy' });
  const fetching = (address: Parameters<typeof fetchModel>[0]['address'], cache = join(root, `cache-${++counter}`)) => fetchModel({ connection, address, cache, signal });
  const written = async (bucket: string) => (await (await jetstreamManager(connection)).streams.info(`OBJ_${bucket}`)).state;

  it('come back bit for bit, under their revision, and say how far they are', async () => {
    const address = place();
    const sent: number[] = [];
    const published = await publishModel({ connection, address, ...(await model(weights)), revision: revisionOf('a'), signal, progress: (done) => sent.push(done) });
    expect(published).toEqual({ ...address, revision: revisionOf('a') });
    expect(sent).toEqual([300, 1_700_300]);
    const came: number[] = [];
    const cache = join(root, `cache-${++counter}`);
    const { path, revision } = await fetchModel({ connection, address: published, cache, signal, progress: (done, total) => came.push(done / total) });
    expect(revision).toBe(revisionOf('a'));
    expect(path).toBe(join(cache, 'a'.repeat(64)));
    expect((await readdir(path)).toSorted()).toEqual(['config.json', 'model.safetensors']);
    for (const [name, bytes] of Object.entries(weights)) expect(Buffer.compare(await readFile(join(path, name)), bytes)).toBe(0);
    expect(came.length).toBeGreaterThan(3);
    expect(came.at(-1)).toBe(1);
    expect(await readdir(cache)).toEqual(['a'.repeat(64)]);
  });

  it('that are one .gguf file are that file', async () => {
    const address = place();
    await publishModel({ connection, address, ...(await model({ 'judge.gguf': content(3, 1_000) })), revision: revisionOf('b'), signal });
    expect((await fetching(address)).path).toMatch(/\/b{64}\/judge\.gguf$/);
  });

  it('are not sent again when they are there, nor fetched again', async () => {
    const address = place();
    const options = { connection, address, ...(await model(weights)), revision: revisionOf('a'), signal };
    await publishModel(options);
    const before = (await written(address.bucket)).last_seq;
    await publishModel(options);
    expect((await written(address.bucket)).last_seq).toBe(before);
    const cache = join(root, `cache-${++counter}`);
    await fetching(address, cache);
    const progress: number[] = [];
    await fetchModel({ connection, address, cache, signal, progress: (done) => progress.push(done) });
    expect(progress).toEqual([]);
  });

  it('take the place of those under the same key, which leave nothing behind', async () => {
    const address = place();
    await publishModel({ connection, address, ...(await model({ ...weights, 'old.json': content(4, 10) })), revision: revisionOf('a'), signal });
    const other = { bucket: address.bucket, key: `${address.key}-2` };
    await publishModel({ connection, address: other, ...(await model(weights)), revision: revisionOf('a'), signal });
    const next = { ...weights, 'model.safetensors': content(5, 900_000) };
    await publishModel({ connection, address, ...(await model(next)), revision: revisionOf('c'), signal });
    const { path } = await fetching(address);
    expect((await readdir(path)).toSorted()).toEqual(['config.json', 'model.safetensors']);
    expect(Buffer.compare(await readFile(join(path, 'model.safetensors')), next['model.safetensors'])).toBe(0);
    expect((await fetching(other)).revision).toBe(revisionOf('a'));
    expect((await written(address.bucket)).bytes).toBeLessThan(900_000 + 1_700_000 + 50_000);
  });

  it('whose publication was cut short are not there, and are whole after the next one', async () => {
    const address = place();
    const files = await model(weights);
    const stopped = new AbortController();
    const cut = publishModel({ connection, address, ...files, revision: revisionOf('a'), signal: stopped.signal, progress: () => stopped.abort(new Error('told to stop')) });
    await expect(cut).rejects.toThrow('told to stop');
    await expect(fetching(address)).rejects.toThrow(`model nats://${address.bucket}/team-a.nano/policy: is not in object store ${address.bucket}; it holds none`);
    await publishModel({ connection, address, ...files, revision: revisionOf('a'), signal });
    expect((await fetching(address)).revision).toBe(revisionOf('a'));
  });

  it('that are damaged are refused, and leave nothing in the cache; publishing again mends them', async () => {
    const address = place();
    const options = { connection, address, ...(await model(weights)), revision: revisionOf('a'), signal };
    await publishModel(options);
    const store = await new Objm(connection).open(address.bucket);
    await store.putBlob({ name: `${address.key}/model.safetensors` }, content(6, 1_700_000));
    const cache = join(root, `cache-${++counter}`);
    await expect(fetching(address, cache)).rejects.toThrow(/model\.safetensors is damaged: it has the digest [0-9a-f]{64}, its index says [0-9a-f]{64}; publish the model again/);
    expect(await readdir(cache)).toEqual([]);
    await publishModel(options);
    expect((await fetching(address, cache)).revision).toBe(revisionOf('a'));
  });

  it('of which a chunk is lost are refused', async () => {
    const address = place();
    await publishModel({ connection, address, ...(await model(weights)), revision: revisionOf('a'), signal });
    const info = await (await new Objm(connection).open(address.bucket)).info(`${address.key}/model.safetensors`);
    const { streams } = await jetstreamManager(connection);
    const chunk = await streams.getMessage(`OBJ_${address.bucket}`, { last_by_subj: `$O.${address.bucket}.C.${info?.nuid}` });
    await streams.deleteMessage(`OBJ_${address.bucket}`, chunk?.seq ?? 0, true);
    await expect(fetching(address)).rejects.toThrow(StoredModelError);
  });

  it('that were damaged in the cache are fetched again', async () => {
    const address = place();
    await publishModel({ connection, address, ...(await model(weights)), revision: revisionOf('a'), signal });
    const cache = join(root, `cache-${++counter}`);
    const { path } = await fetching(address, cache);
    await writeFile(join(path, 'config.json'), content(9, 300));
    await fetching(address, cache);
    expect(Buffer.compare(await readFile(join(path, 'config.json')), weights['config.json'])).toBe(0);
  });

  it('can be fetched by several at once into one cache', async () => {
    const address = place();
    await publishModel({ connection, address, ...(await model(weights)), revision: revisionOf('a'), signal });
    const cache = join(root, `cache-${++counter}`);
    const paths = await Promise.all(Array.from({ length: 4 }, () => fetching(address, cache)));
    expect(new Set(paths.map(({ path }) => path)).size).toBe(1);
    expect(await readdir(cache)).toEqual(['a'.repeat(64)]);
  });

  it('of another revision than the one asked for are refused, and what is there is named', async () => {
    const address = place();
    await publishModel({ connection, address, ...(await model(weights)), revision: revisionOf('a'), signal });
    await expect(fetching({ ...address, revision: revisionOf('d') })).rejects.toThrow(`what lies there now has revision ${revisionOf('a')}`);
    await expect(fetching({ ...address, key: 'other' })).rejects.toThrow(`is not in object store ${address.bucket}; it holds team-a.nano/policy`);
    await expect(fetching({ bucket: 'nowhere', key: 'x' })).rejects.toThrow('model nats://nowhere/x: cannot be fetched (object store not found)');
  });

  it('with an index that names files outside their folder are refused', async () => {
    const address = place();
    await publishModel({ connection, address, ...(await model(weights)), revision: revisionOf('a'), signal });
    const index = { version: 1, revision: revisionOf('a'), files: [{ name: '../escape', bytes: 1, sha256: createHash('sha256').digest('hex') }] };
    await (await new Objm(connection).open(address.bucket)).putBlob({ name: `${address.key}/${modelIndexName}` }, new TextEncoder().encode(JSON.stringify(index)));
    await expect(fetching(address)).rejects.toThrow(`its ${modelIndexName} cannot be read`);
  });

  it('are not waited for when whoever wants them is told to stop', async () => {
    const address = place();
    await publishModel({ connection, address, ...(await model(weights)), revision: revisionOf('a'), signal });
    const stopped = new AbortController();
    const cache = join(root, `cache-${++counter}`);
    const fetched = fetchModel({ connection, address, cache, signal: stopped.signal, progress: () => stopped.abort(new Error('told to stop')) });
    await expect(fetched).rejects.toThrow('told to stop');
    expect(await readdir(cache)).toEqual([]);
  });
});
