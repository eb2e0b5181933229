import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Pack, pack } from 'tar-stream';
import type { Layer } from './layer.ts';

/** The part of an image's configuration that says how it is run (OCI image specification, "config"). */
export interface ImageConfig {
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Env?: readonly string[];
  readonly User?: string;
  readonly WorkingDir?: string;
  readonly ExposedPorts?: Readonly<Record<string, Record<string, never>>>;
  readonly Labels?: Readonly<Record<string, string>>;
  readonly StopSignal?: string;
}

export interface OciImage {
  /** Repository as a pod writes it: `grm-control`, or `registry.example/team/image`. */
  readonly name: string;
  readonly tag: string;
  /** From the lowest up. */
  readonly layers: readonly Layer[];
  readonly config: ImageConfig;
  /** The archive to write. */
  readonly file: string;
  /** Default: of this machine. */
  readonly architecture?: string;
}

export interface WrittenImage {
  /** Name by which a node finds it: `docker.io/library/grm-control:0.1.0`. */
  readonly reference: string;
  /** `sha256:...` of the manifest. */
  readonly digest: string;
  readonly compressedBytes: number;
  /** Sum of its layers, unpacked. */
  readonly bytes: number;
}

const media = {
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
};

/**
 * Writes an image as an OCI layout in a tar file, which `ctr images import`, `skopeo copy oci-archive:` and `crane push` read.
 * The same layers and configuration give the same bytes: there is no time in it.
 */
export async function ociArchive({ name, tag, layers, config, file, architecture = machine() }: OciImage): Promise<WrittenImage> {
  const reference = `${fullName(name)}:${tag}`;
  const configuration = blob({ architecture, os: 'linux', config, rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) }, history: layers.map(() => ({ created_by: 'scripts/make-images.ts' })) });
  const manifest = blob({
    schemaVersion: 2,
    mediaType: media.manifest,
    config: { mediaType: media.config, digest: configuration.digest, size: configuration.bytes.length },
    layers: layers.map(({ digest, compressedBytes }) => ({ mediaType: media.layer, digest, size: compressedBytes })),
  });
  const index = blob({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [
      {
        mediaType: media.manifest,
        digest: manifest.digest,
        size: manifest.bytes.length,
        platform: { architecture, os: 'linux' },
        annotations: { 'io.containerd.image.name': reference, 'org.opencontainers.image.ref.name': tag },
      },
    ],
  });

  const archive = pack();
  await mkdir(dirname(file), { recursive: true });
  const staged = `${file}.${process.pid}`;
  const written = pipeline(archive, createWriteStream(staged));
  const filled = (async () => {
    await entry(archive, 'oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.0"}'));
    await entry(archive, 'index.json', index.bytes);
    for (const { digest, bytes } of [configuration, manifest]) await entry(archive, pathOf(digest), bytes);
    for (const layer of new Map(layers.map((one) => [one.digest, one])).values()) {
      await pipeline(createReadStream(layer.file), archive.entry({ ...plain, name: pathOf(layer.digest), size: layer.compressedBytes }));
    }
    archive.finalize();
  })();
  await Promise.all([written, filled]);
  await rename(staged, file);
  const sum = (of: (layer: Layer) => number): number => layers.reduce((total, layer) => total + of(layer), 0);
  return { reference, digest: manifest.digest, compressedBytes: sum(({ compressedBytes }) => compressedBytes), bytes: sum(({ bytes }) => bytes) };
}

const plain = { mode: 0o644, uid: 0, gid: 0, uname: '', gname: '', mtime: new Date(0) };

const pathOf = (digest: string): string => `blobs/${digest.replace(':', '/')}`;

function blob(content: object): { readonly bytes: Buffer; readonly digest: string } {
  const bytes = Buffer.from(JSON.stringify(content));
  return { bytes, digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}` };
}

function entry(archive: Pack, name: string, bytes: Buffer): Promise<void> {
  return new Promise((done, failed) => {
    archive.entry({ ...plain, name, size: bytes.length }, bytes, (error) => (error == null ? done() : failed(error)));
  });
}

/** Names without a registry are Docker Hub's, to containerd as to Docker. */
function fullName(name: string): string {
  const [first = '', ...rest] = name.split('/');
  if (rest.length === 0) return `docker.io/library/${name}`;
  return first.includes('.') || first.includes(':') || first === 'localhost' ? name : `docker.io/${name}`;
}

/** Go's names, which images use. */
export function machine(): string {
  return process.arch === 'x64' ? 'amd64' : process.arch;
}
