import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { lstat, readdir, readlink, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { type Pack, pack } from 'tar-stream';
import type { Layer } from './layer.ts';

export interface LayerSource {
  /** Its content becomes the layer's root. */
  readonly folder: string;
  /** The gzipped tar file to write. */
  readonly file: string;
}

/**
 * Packs a folder as a layer. The same names, contents and modes give the same bytes on every machine with the same zlib:
 * sorted names, no times, everything owned by root.
 *
 * @throws {Error} for a socket, a device, or a fifo, which have no place in an image.
 */
export async function packLayer({ folder, file }: LayerSource): Promise<Layer> {
  const archive = pack();
  const tar = measure();
  const zipped = measure();
  const staged = `${file}.${process.pid}`;
  await Promise.all([addFolder(archive, folder, ''), pipeline(archive, tar.stream, createGzip({ level: 6 }), zipped.stream, createWriteStream(staged))]);
  await rename(staged, file);
  return { file, digest: zipped.digest(), diffId: tar.digest(), compressedBytes: zipped.bytes(), bytes: tar.bytes() };
}

async function addFolder(archive: Pack, root: string, folder: string): Promise<void> {
  for (const name of (await readdir(join(root, folder))).toSorted()) {
    const path = folder === '' ? name : `${folder}/${name}`;
    await addEntry(archive, root, path);
  }
  if (folder === '') archive.finalize();
}

async function addEntry(archive: Pack, root: string, path: string): Promise<void> {
  const source = join(root, path);
  const facts = await lstat(source);
  const header = { name: path, mode: facts.mode & 0o7777, uid: 0, gid: 0, uname: '', gname: '', mtime: new Date(0) };
  if (facts.isDirectory()) {
    await write(archive, { ...header, name: `${path}/`, type: 'directory' });
    await addFolder(archive, root, path);
  } else if (facts.isSymbolicLink()) {
    await write(archive, { ...header, mode: 0o777, type: 'symlink', linkname: await readlink(source) });
  } else if (facts.isFile()) {
    await pipeline(createReadStream(source), archive.entry({ ...header, size: facts.size }));
  } else {
    throw new Error(`${source} is neither a file, a folder nor a symbolic link: take it out of the layer`);
  }
}

function write(archive: Pack, header: Parameters<Pack['entry']>[0]): Promise<void> {
  return new Promise((done, failed) => {
    archive.entry(header, '', (error) => (error == null ? done() : failed(error)));
  });
}

function measure(): { stream: Transform; digest: () => string; bytes: () => number } {
  const hash = createHash('sha256');
  let bytes = 0;
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  return { stream, digest: () => `sha256:${hash.digest('hex')}`, bytes: () => bytes };
}
